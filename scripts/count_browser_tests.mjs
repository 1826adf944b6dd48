// Prints "PASSED FAILED" for a report of Playwright (JSON) and the run's exit status.
import { readFileSync } from "node:fs";

const [file, status] = process.argv.slice(2);
const { stats, errors } = JSON.parse(readFileSync(file, "utf8"));
let failed = stats.unexpected + stats.flaky;
// Errors outside of tests (a hook, a file that does not load), or a run that tested nothing.
if (failed === 0 && (status !== "0" || errors.length > 0 || stats.expected === 0)) failed = 1;
console.log(`${stats.expected} ${failed}`);
