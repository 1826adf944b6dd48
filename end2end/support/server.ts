// The real server, with a data folder and a port of its own.
import { expect } from "@playwright/test";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MARK, type Process, processesMarked } from "./processes";

const FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));
const REPOSITORY = dirname(FOLDER);
const BINARY = resolve(FOLDER, process.env.BFTGYM_BINARY || "../target/debug/bftgym");
const READY = /BFTGym is ready: (http:\/\/127\.0\.0\.1:(\d+))/;
const LINK = /^Sign in with this link.*: (http:\S+\/login#token=([0-9a-f]+))$/;

export class Server {
  private readonly mark = randomUUID();
  private readonly dataFolder = mkdtempSync(join(tmpdir(), "bftgym-test-"));
  private readonly logFile: string;
  private child?: ChildProcess;
  private port = 0;
  url = "";
  /** The printed link and the token in it, of a server with a login. */
  link = "";
  token = "";

  /** `options` are added to the command line each time it is started. */
  constructor(name: string, private readonly options: () => string[] = () => []) {
    const folder = join(FOLDER, "results");
    mkdirSync(folder, { recursive: true });
    this.logFile = join(folder, `server-${name}.log`);
    rmSync(this.logFile, { force: true });
    // A test run that is cut short leaves nothing behind either.
    process.once("exit", () => this.child?.kill("SIGKILL"));
  }

  /** Where it keeps its trials. */
  get data(): string {
    return this.dataFolder;
  }

  /** Starts it; after a kill, on the same port with the same data. */
  async start(): Promise<void> {
    const child = spawn(BINARY, ["serve", "--port", String(this.port), "--data-dir", this.dataFolder, ...this.options()], {
      cwd: REPOSITORY,
      env: { ...process.env, [MARK]: this.mark },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const log = createWriteStream(this.logFile, { flags: "a" });
    child.stderr?.pipe(log);
    child.stdout?.pipe(log);
    await new Promise<void>((ready, failed) => {
      const limit = setTimeout(() => failed(new Error(`no "ready" line within 60 s, see ${this.logFile}`)), 60_000);
      child.once("error", (error) => failed(new Error(`${BINARY} could not be started: ${error.message}`)));
      child.once("exit", (code, signal) => failed(new Error(`the server ended (${code ?? signal}), see ${this.logFile}`)));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream! }).on("line", (line) => {
          const link = LINK.exec(line);
          if (link) [, this.link, this.token] = link;
          const match = READY.exec(line);
          if (match) [this.url, this.port] = [match[1], Number(match[2])];
          // The link comes after the address.
          if (!(this.options().includes("--login") ? link : match)) return;
          clearTimeout(limit);
          ready();
        });
      }
    });
  }

  /** Ends it as Ctrl-C does, and starts it with its data. */
  async restart(): Promise<void> {
    await this.end("SIGINT");
    await this.start();
  }

  /** Runs another command of the program over the same data. */
  command(...command: string[]): string {
    return execFileSync(BINARY, [...command, "--data-dir", this.dataFolder], { encoding: "utf8", stdio: "pipe" });
  }

  /** As a power cut would: no chance to clean up. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ends it as Ctrl-C does, and removes its data. */
  async stop(): Promise<void> {
    await this.end("SIGINT");
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  /** What it and its units complained about so gravely that a test must not pass over it. */
  panics(): string[] {
    return readFileSync(this.logFile, "utf8").split("\n").filter((line) => line.includes("panicked at"));
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await ended;
  }

  /** All processes of this server: itself, controllers and workers, orphans too. */
  processes(): Process[] {
    return processesMarked(this.mark);
  }

  /** Kills a unit of the running trial: 0 is the controller, then the replicas, then the client. None may be gone yet. */
  async killUnit(unit: number): Promise<void> {
    process.kill(unit === 0 ? await this.controller() : (await this.workers())[unit - 1], "SIGKILL");
  }

  private async controller(): Promise<number> {
    const find = () => this.processes().filter((each) => each.arguments.includes("controller")).map(({ pid }) => pid);
    await expect.poll(() => find().length, { message: "one controller" }).toBe(1);
    return find()[0];
  }

  // The controller starts the workers one after the other in the order of their units.
  private async workers(): Promise<number[]> {
    const find = () => this.processes().filter((each) => each.arguments.includes("worker")).map(({ pid }) => pid);
    await expect.poll(() => find().length, { message: "four replicas and a client" }).toBe(5);
    return find().sort((a, b) => a - b);
  }

  /** Controller, replicas and client, without the server. */
  units(): Process[] {
    return this.processes().filter(({ pid }) => pid !== this.child?.pid);
  }

  /** Nothing of a trial may be left after 5 s, whatever was killed. */
  async expectNoUnits(): Promise<void> {
    await expect.poll(() => this.units(), { timeout: 5_000, message: "processes left behind" }).toEqual([]);
  }
}
