// Runs the same simulations natively and in WebAssembly, and compares their traces byte for byte.
// Arguments: the native program, the WebAssembly module. The last line says "N passed, M failed".
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [program, module] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(module), {});
const { run, bytes, memory } = instance.exports;
const hash = (trace) => createHash("sha256").update(trace).digest("hex").slice(0, 16);

let passed = 0;
let failed = 0;
for (let number = 0; ; number += 1) {
  const length = run(number);
  if (length === 0) break;
  const there = Buffer.from(memory.buffer, bytes(), length);
  const here = execFileSync(program, [String(number)], { maxBuffer: 1 << 30 });
  const name = here.subarray(0, here.indexOf("\n")).toString();
  if (here.equals(there)) {
    passed += 1;
    console.log(`${name}: ${length} bytes, ${hash(here)}`);
    continue;
  }
  failed += 1;
  const [native, other] = [here.toString().split("\n"), there.toString().split("\n")];
  const line = native.findIndex((text, index) => text !== other[index]);
  console.log(`${name}: ${here.length} bytes, ${hash(here)} natively; ${length} bytes, ${hash(there)} in WebAssembly`);
  console.log(`first difference, line ${line + 1}:\n  native:      ${native[line]}\n  WebAssembly: ${other[line]}`);
}
// A module that knows no case proves nothing.
if (passed === 0) failed = Math.max(failed, 1);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
