// The charts as a person uses them: their menus, files, cursor and events.
import { type Locator, type Page, expect } from "@playwright/test";
import { readFileSync } from "node:fs";

/** The values of `data-chart` with their titles. */
export const CHARTS = {
  throughput: "Throughput",
  latency: "Latency",
  histogram: "Latency histogram",
  committed: "Last committed",
  views: "Views and leader changes",
  messages: "Messages by type",
  bytes: "Bytes by type",
  "slow-path": "Slow path",
  processor: "Processor",
  memory: "Memory",
} as const;

export type Chart = keyof typeof CHARTS;

export class Charts {
  constructor(readonly page: Page) {}

  chart(name: Chart): Locator {
    return this.page.locator(`[data-chart="${name}"]`);
  }

  picture(name: Chart): Locator {
    return this.chart(name).getByRole("img").first();
  }

  async points(name: Chart): Promise<number> {
    return Number(await this.chart(name).getAttribute("data-points"));
  }

  tooltip(name: Chart): Locator {
    return this.chart(name).locator(".tooltip");
  }

  /** Shows exactly these charts in the playground. */
  async choose(...names: Chart[]): Promise<void> {
    const menu = this.page.locator("details.chart-menu", { has: this.page.locator('[aria-label="Shown charts"]') });
    await menu.locator("summary").click();
    for (const [name, title] of Object.entries(CHARTS)) {
      await menu.getByRole("checkbox", { name: title, exact: true }).setChecked(names.includes(name as Chart));
    }
    await menu.locator("summary").click();
  }

  private async menu(name: Chart, item: string): Promise<void> {
    const menu = this.chart(name).locator("details.chart-menu");
    if ((await menu.getAttribute("open")) === null) await menu.locator("summary").click();
    await menu.getByRole("button", { name: item }).click();
  }

  async showTable(name: Chart): Promise<Locator> {
    await this.menu(name, "View as table");
    const table = this.chart(name).getByRole("table");
    await expect(table).toBeVisible();
    return table;
  }

  /** Saves a chart and gives the file's name and content. */
  async save(name: Chart, kind: "PNG" | "SVG" | "CSV"): Promise<{ name: string; content: Buffer }> {
    const download = this.page.waitForEvent("download");
    await this.menu(name, `Save as ${kind}`);
    const file = await download;
    return { name: file.suggestedFilename(), content: readFileSync(await file.path()) };
  }

  events(): Locator {
    return this.page.locator("details.events");
  }

  async showEvents(): Promise<Locator> {
    await this.events().locator("summary").click();
    return this.page.getByRole("list", { name: "Events" });
  }
}
