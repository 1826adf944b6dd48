// The drawing of the cluster, its faults and the timeline, as a person uses them.
import { type Locator, type Page, expect } from "@playwright/test";

export class Cluster {
  readonly ring: Locator;
  readonly card: Locator;

  constructor(readonly page: Page) {
    this.card = page.getByRole("region", { name: "Cluster", exact: true });
    this.ring = page.getByRole("listbox", { name: "Replicas" });
  }

  replica(number: number): Locator {
    return this.ring.locator(`[data-replica="${number}"]`);
  }

  leader(): Locator {
    return this.ring.locator('[data-leader="true"]');
  }

  /** The number of the replica that leads, as soon as one does. */
  async leaderNumber(): Promise<number> {
    await expect(this.leader()).toHaveCount(1, { timeout: 30_000 });
    return Number(await this.leader().getAttribute("data-replica"));
  }

  fault(title: string): Locator {
    return this.card.getByRole("switch", { name: title });
  }

  button(name: string): Locator {
    return this.card.getByRole("button", { name, exact: true });
  }

  async choose(...replicas: number[]): Promise<void> {
    await this.replica(replicas[0]).click();
    for (const replica of replicas.slice(1)) await this.replica(replica).click({ modifiers: ["ControlOrMeta"] });
    await expect(this.ring.getByRole("option", { selected: true })).toHaveCount(replicas.length);
  }

  async lag(replica: number): Promise<number> {
    return Number(await this.replica(replica).getAttribute("data-lag"));
  }

  async showTimeline(): Promise<void> {
    await this.card.getByRole("button", { name: /^Timeline/ }).click();
  }

  /** Adds an entry through the form. */
  async plan(at: string, what: string, replicas?: string): Promise<void> {
    const form = this.page.getByRole("form", { name: "A change at its time" });
    await form.getByLabel("At, s").fill(at);
    await form.getByLabel("What happens").selectOption({ value: what });
    if (replicas !== undefined) await form.getByLabel("Replicas").fill(replicas);
    await form.getByRole("button", { name: /Add to the timeline|Save the change/ }).click();
  }

  planned(): Locator {
    return this.page.getByRole("region", { name: "Schedule of the next start" }).getByRole("listitem");
  }

  running(): Locator {
    return this.page.getByRole("region", { name: "Schedule of the trial shown" }).getByRole("listitem");
  }
}
