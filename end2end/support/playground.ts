// The page as a person uses it: by labels and roles, and the few data- attributes that say what is going on.
import { type Locator, type Page, expect } from "@playwright/test";

export type ChartName = "throughput" | "latency" | "committed";
export type TrialState = "Queued" | "Launching" | "Running" | "Stopping" | "Finished" | "Failed" | "Interrupted" | "Cancelled";

const SUFFIXES: Record<string, number> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

// A debug build brings a cluster up in a second or two; a busy machine may need longer.
const LAUNCH = { timeout: 60_000 };

export class Playground {
  readonly start: Locator;
  readonly stop: Locator;
  readonly update: Locator;
  readonly trialName: Locator;
  readonly state: Locator;
  readonly connection: Locator;

  constructor(readonly page: Page) {
    // While a trial runs, the same button queues the next one.
    this.start = page.getByRole("button", { name: /^(Start|Queue)$/ });
    this.stop = page.getByRole("button", { name: "Stop", exact: true });
    this.update = page.getByRole("button", { name: /^Update/ });
    this.trialName = page.getByRole("textbox", { name: "Trial name" });
    this.state = page.locator("[data-trial-state]").first();
    this.connection = page.locator("[data-connection]").first();
  }

  /** Opens a page and waits until it answers to clicks. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.expectInteractive();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.expectInteractive();
  }

  private async expectInteractive(): Promise<void> {
    // An unoptimised page is some 20 MB of WebAssembly, which a browser compiles while a cluster takes both cores.
    await expect(this.page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
  }

  async startTrial(name?: string): Promise<void> {
    if (name !== undefined) await this.trialName.fill(name);
    await this.start.click();
    await this.expectState("Running", LAUNCH);
  }

  async stopTrial(): Promise<void> {
    await this.stop.click();
    await this.expectState("Finished");
  }

  /** Leaves no trial running, whatever state a failed test left the page in. */
  async stopIfRunning(url: string): Promise<void> {
    if (this.page.isClosed()) return;
    await this.open(url);
    const state = await this.state.getAttribute("data-trial-state", { timeout: 5_000 }).catch(() => null);
    if (state === "Launching" || state === "Running") await this.stop.click();
    await expect(this.start).toBeEnabled({ timeout: 30_000 });
  }

  async expectState(state: TrialState, options = { timeout: 30_000 }): Promise<void> {
    await expect(this.state).toHaveAttribute("data-trial-state", state, options);
  }

  async expectConnection(state: "live" | "connecting" | "lost"): Promise<void> {
    await expect(this.connection).toHaveAttribute("data-connection", state, { timeout: 30_000 });
  }

  /** The labelled input of a setting, the key's field around it, and the field's error. */
  setting(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  field(key: string): Locator {
    return this.page.locator(`[data-key="${key}"]`);
  }

  fieldError(key: string): Locator {
    return this.field(key).getByRole("alert");
  }

  chart(name: ChartName): Locator {
    return this.page.locator(`[data-chart="${name}"]`);
  }

  /** The newest value in a chart's heading; NaN, which is neither above nor below anything, when it has none. */
  async latest(name: ChartName): Promise<number> {
    const text = await this.chart(name).locator("[data-latest]").first().textContent();
    const match = /(-?[\d,]*\.?\d+)([kMGT]?)/.exec(text ?? "");
    return match ? Number(match[1].replaceAll(",", "")) * SUFFIXES[match[2]] : Number.NaN;
  }

  async points(name: ChartName): Promise<number> {
    return Number(await this.chart(name).getAttribute("data-points"));
  }

  /** Waits until a chart shows more than `value`. */
  async expectAbove(name: ChartName, value: number): Promise<void> {
    await expect.poll(() => this.latest(name), { timeout: 30_000, message: `${name} above ${value}` }).toBeGreaterThan(value);
  }

  async expectBelow(name: ChartName, value: number): Promise<void> {
    await expect.poll(() => this.latest(name), { timeout: 30_000, message: `${name} below ${value}` }).toBeLessThan(value);
  }

  /** What is committed goes on growing. */
  async expectProgress(): Promise<void> {
    let first = 0;
    const read = async () => (first = await this.latest("committed"));
    await expect.poll(read, { timeout: 30_000, message: "something is committed" }).toBeGreaterThan(0);
    await this.expectAbove("committed", first);
  }

  unit(unit: number): Locator {
    return this.page.locator(`[data-unit="${unit}"]`).first();
  }

  async expectApplied(version: number, units = [0, 1, 2, 3, 4, 5]): Promise<void> {
    for (const unit of units) await expect(this.unit(unit)).toHaveAttribute("data-applied", String(version));
  }
}

/** The units of the default experiment, f = 1. */
export const UNITS = { controller: 0, replica: (index: number) => index + 1, client: 5, all: [0, 1, 2, 3, 4, 5] };
