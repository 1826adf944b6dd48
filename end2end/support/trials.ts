// The list of trials and the comparison, as a person uses them.
import { type Locator, type Page, expect } from "@playwright/test";

export class Trials {
  readonly search: Locator;
  readonly table: Locator;
  readonly toasts: Locator;

  constructor(readonly page: Page) {
    this.search = page.getByRole("searchbox", { name: "Search" });
    this.table = page.getByRole("table").first();
    this.toasts = page.getByRole("status").filter({ has: page.getByRole("button", { name: "Dismiss" }) });
  }

  /** The row of the trial with exactly this name. */
  row(name: string): Locator {
    const link = this.page.getByRole("link", { name, exact: true });
    return this.page.locator("tr[data-trial]").filter({ has: link });
  }

  /** The names of all rows, from top to bottom. */
  async names(): Promise<string[]> {
    return this.page.locator("tr[data-trial] td.name > a").allTextContents();
  }

  async expectNames(...names: string[]): Promise<void> {
    await expect.poll(() => this.names()).toEqual(names);
  }

  async open(url: string): Promise<void> {
    await this.page.goto(`${url}/trials`);
    await expect(this.page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
  }

  /** Waits until a trial's throughput has been worked out. */
  async expectFigures(name: string): Promise<void> {
    await expect(this.row(name).locator(".column-throughput")).not.toHaveText("–", { timeout: 15_000 });
  }
}
