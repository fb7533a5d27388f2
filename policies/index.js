"use strict";

// Pulumi starts a pack with a compiler that checks types, which takes seconds each time. `npm run types` has checked these: here
// they are only compiled, as for every other command of the project.
require("../scripts/compileCache.js");
const { readFileSync } = require("node:fs");
const path = require("node:path");

const compiler = require("ts-node").create({ cwd: path.join(__dirname, "..") });
require.extensions[".ts"] = (module, file) => module._compile(compiler.compile(readFileSync(file, "utf8"), file), file);
require("./pack.ts");
