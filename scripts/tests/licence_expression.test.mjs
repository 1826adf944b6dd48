import assert from "node:assert/strict";
import { test } from "node:test";
import { licenceAllowed } from "../licence_expression.mjs";

const allowed = ["MIT", "Apache-2.0", "Zlib", "Apache-2.0 WITH LLVM-exception"];

for (const expression of [
  "MIT",
  "MIT OR GPL-3.0-only",
  "GPL-3.0-only OR MIT",
  "Unlicense/MIT",
  "(MIT OR GPL-3.0-only) AND Zlib",
  "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
]) {
  test(`"${expression}" is accepted`, () => assert.equal(licenceAllowed(expression, allowed), true));
}

for (const expression of [
  "",
  "GPL-3.0-only",
  "MIT AND GPL-3.0-only",
  "GPL-3.0-only AND MIT OR LGPL-2.1-only",
  "(MIT OR Zlib) AND GPL-3.0-only",
  "MIT WITH Some-exception",
]) {
  test(`"${expression}" is refused`, () => assert.equal(licenceAllowed(expression, allowed), false));
}
