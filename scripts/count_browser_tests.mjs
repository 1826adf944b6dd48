// Prints "PASSED FAILED" for a report of Playwright (JSON) and the run's exit status. What failed, and why, goes to standard
// error, in short: the reporter told it long before the end of the run.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const LINES_OF_ERROR = 8;

const [file, status] = process.argv.slice(2);
const { stats, errors, suites } = JSON.parse(readFileSync(file, "utf8"));
let failed = stats.unexpected + stats.flaky;
// Errors outside of tests (a hook, a file that does not load), or a run that tested nothing.
if (failed === 0 && (status !== "0" || errors.length > 0 || stats.expected === 0)) failed = 1;
console.log(`${stats.expected} ${failed}`);

const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
for (const { file, line, title, tests, ok } of suites.flatMap(specs)) {
  if (!ok) tell(`${file}:${line} ${title}`, tests.flatMap((test) => test.results).flatMap((result) => result.errors ?? []));
}
if (errors.length > 0) tell("outside of the tests", errors);

function tell(place, reasons) {
  console.error(`\n${place}`);
  for (const { message, location } of reasons) {
    const lines = stripVTControlCharacters(message ?? "").split("\n").filter((line) => line.trim() !== "");
    for (const line of lines.slice(0, LINES_OF_ERROR)) console.error(`  ${line}`);
    if (location) console.error(`  at ${location.file}:${location.line}`);
  }
}
