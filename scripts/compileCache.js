"use strict";

// Keeps compiled code between runs: loading the SDKs takes half the time. Node 22 and newer have it.
const path = require("node:path");
require("node:module").enableCompileCache?.(path.join(__dirname, "..", "node_modules", ".cache", "compile"));
