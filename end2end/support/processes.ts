// Finds the processes of one test's server by a mark in their environment, which children inherit: it still finds those
// whose parents are gone, which is what a test for orphans must see.
import { readFileSync, readdirSync } from "node:fs";

export interface Process {
  pid: number;
  arguments: string[];
}

export const MARK = "BFTGYM_TEST_RUN";

export function processesMarked(mark: string): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(pid, "environ").includes(`${MARK}=${mark}`))
    .map((pid) => ({ pid, arguments: read(pid, "cmdline") }));
}

// A process may end while it is looked at, and others' may not be read: both have no lines for us.
function read(pid: number, file: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}
