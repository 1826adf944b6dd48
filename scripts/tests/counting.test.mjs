// `make test` must not call a broken run a success: how its steps are counted, on what cargo and Playwright leave behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const scripts = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "bftgym-counting-"));
after(() => rmSync(folder, { recursive: true }));

// Runs commands with the functions of scripts/lib, in an empty folder; answers with what a person sees and the exit status.
function shell(commands, environment = {}) {
  const script = `set -uo pipefail; source '${scripts}/lib/checks.sh'; source '${scripts}/lib/rust_tests.sh'; ${commands}`;
  const { stdout, status } = spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, BFTGYM_REPO: folder, BFTGYM_TEST_LOGS: folder, ...environment },
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}

function countedRustTests(log, status) {
  writeFileSync(join(folder, "cargo.log"), log);
  const { lines } = shell(`count_rust_tests cargo.log ${status}; finish`);
  return lines.at(-1);
}

const good = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
const bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";

test("the tests of all test programs are added up", () => {
  assert.equal(countedRustTests(good + good, 0), "24 passed, 0 failed");
  assert.equal(countedRustTests(good + bad, 101), "15 passed, 2 failed");
});

test("a test program that crashed counts as a failure", () => {
  assert.equal(countedRustTests(`${good}error: test failed (signal: 11)\n`, 101), "12 passed, 1 failed");
});

test("a run without tests is a failure", () => {
  assert.equal(countedRustTests("", 0), "0 passed, 1 failed");
});

test("a failed check fails the run, is named, and the later checks still run", () => {
  const { lines, status } = shell("check first true; check second false; check third true; finish");
  assert.equal(lines.at(-1), "2 passed, 1 failed");
  assert.ok(lines.includes("  second"));
  assert.notEqual(status, 0);
});

test("a run in which everything passed succeeds, an empty one does not", () => {
  assert.equal(shell("check only true; finish").status, 0);
  assert.notEqual(shell("finish").status, 0);
});

function readBrowserTests(report, status) {
  const file = join(folder, "report.json");
  writeFileSync(file, JSON.stringify({ suites: [], ...report }));
  const { stdout, stderr } = spawnSync(process.execPath, [join(scripts, "count_browser_tests.mjs"), file, status], { encoding: "utf8" });
  return { counts: stdout.trim(), told: stderr };
}

const countedBrowserTests = (report, status) => readBrowserTests(report, status).counts;

test("browser tests: failures, hooks that failed and empty runs are failures", () => {
  const stats = { expected: 5, unexpected: 0, flaky: 0 };
  assert.equal(countedBrowserTests({ stats, errors: [] }, "0"), "5 0");
  assert.equal(countedBrowserTests({ stats: { ...stats, unexpected: 2 }, errors: [] }, "1"), "5 2");
  assert.equal(countedBrowserTests({ stats, errors: [{ message: "x" }] }, "1"), "5 1");
  assert.equal(countedBrowserTests({ stats, errors: [] }, "1"), "5 1");
  assert.equal(countedBrowserTests({ stats: { ...stats, expected: 0 }, errors: [] }, "0"), "0 1");
});

test("what failed in a browser is told at the end, where and why", () => {
  const failure = { message: "\u001b[31mError: no leader\u001b[39m\n\nWaiting 30 s", location: { file: "cluster.spec.ts", line: 39 } };
  const passed = { file: "cluster.spec.ts", line: 11, title: "a person crashes the leader", ok: true, tests: [] };
  const failed = { file: "cluster.spec.ts", line: 30, title: "in the dark", ok: false, tests: [{ results: [{ errors: [failure] }] }] };
  const suites = [{ specs: [], suites: [{ specs: [passed, failed] }] }];
  const { counts, told } = readBrowserTests({ stats: { expected: 1, unexpected: 1, flaky: 0 }, errors: [], suites }, "1");
  assert.equal(counts, "1 1");
  assert.equal(told.trim(), "cluster.spec.ts:30 in the dark\n  Error: no leader\n  Waiting 30 s\n  at cluster.spec.ts:39");
});
