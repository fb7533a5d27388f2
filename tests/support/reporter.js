"use strict";

const { reporters } = require("mocha");

/** Mocha's own report, and as its last line the numbers, skipped tests among them. */
module.exports = class extends reporters.Spec {
    epilogue() {
        super.epilogue();
        const { passes, failures, pending } = this.stats;
        console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    }
};
