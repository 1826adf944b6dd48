import { readFileSync } from "node:fs";
import { expect, test, useServer } from "../support/fixtures";
import type { Playground } from "../support/playground";
import { Trials } from "../support/trials";

const server = useServer();

// Trials are few and short: what they are about is the list, not the cluster.
test.describe.configure({ mode: "serial" });

async function run(playground: Playground, name: string, seconds: number): Promise<void> {
  await playground.open(server().url);
  await playground.startTrial(name);
  await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(seconds * 4);
  await playground.stopTrial();
}

test("a person finds the figures of a trial in the list, and searches, filters and sorts it", async ({ playground, page }) => {
  await run(playground, "first of all", 3);
  await playground.setting("Slow-proposal timer").fill("4");
  await playground.startTrial("slow leader");
  await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(12);
  await playground.stopTrial();

  const trials = new Trials(page);
  await trials.open(server().url);
  await trials.expectNames("slow leader", "first of all");
  await trials.expectFigures("first of all");
  await expect(trials.row("first of all").locator(".column-p99")).toHaveText(/[\d.,]+/);

  await trials.search.fill("SLOW lead");
  await trials.expectNames("slow leader");
  await trials.search.fill("slow-proposal.timer=0 block-size>=10");
  await trials.expectNames("first of all");
  await trials.search.fill("this machine first");
  await trials.expectNames("first of all");
  await expect(trials.row("first of all").locator(".column-testbed")).toHaveText("This machine");
  await trials.search.fill("nonsense=1");
  await expect(page.getByText("No setting is called nonsense")).toBeVisible();
  await trials.search.fill("no such trial");
  await expect(page.getByText("Nothing found")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await trials.expectNames("slow leader", "first of all");

  const heading = page.getByRole("columnheader", { name: "Name" });
  await heading.getByRole("button").click();
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  await trials.expectNames("first of all", "slow leader");
  await heading.getByRole("button").press("Enter");
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  await trials.expectNames("slow leader", "first of all");
  await page.getByRole("combobox", { name: "Verdict", exact: true }).selectOption("Pass");
  await trials.expectNames("slow leader", "first of all");
});

test("a person renames, annotates and pins a trial, and another tab follows", async ({ page, context }) => {
  const trials = new Trials(page);
  await trials.open(server().url);
  const other = new Trials(await context.newPage());
  await other.open(server().url);
  await other.expectNames("slow leader", "first of all");

  await trials.row("first of all").getByRole("button", { name: "Rename first of all" }).click();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill(" ");
  await name.press("Enter");
  await expect(page.getByText("the trial needs a name")).toBeVisible();
  await name.fill("the baseline");
  await name.press("Enter");
  await other.expectNames("slow leader", "the baseline");
  // The focus is where the writing began.
  await expect(trials.row("the baseline").getByRole("button", { name: "Rename the baseline" })).toBeFocused();

  await trials.row("the baseline").getByRole("button", { name: "Write a note on the baseline" }).click();
  await page.getByRole("textbox", { name: "Note" }).fill("Nothing was changed.\nUse it as the baseline.");
  await page.getByRole("textbox", { name: "Note" }).press("Control+Enter");
  await expect(other.row("the baseline")).toContainText("Use it as the baseline.");

  await trials.row("the baseline").getByRole("button", { name: "Pin the baseline" }).click();
  await other.expectNames("the baseline", "slow leader");
  await page.reload();
  await trials.expectNames("the baseline", "slow leader");
  await other.page.close();
});

test("a person deletes a trial and takes it back, from the notice and from the list of deleted ones", async ({ page }) => {
  const trials = new Trials(page);
  await trials.open(server().url);
  await trials.row("slow leader").getByRole("button", { name: "Delete slow leader" }).click();
  await trials.expectNames("the baseline");
  await page.getByRole("button", { name: "Undo" }).click();
  await trials.expectNames("the baseline", "slow leader");

  await trials.row("slow leader").getByRole("checkbox").check();
  await page.getByRole("region", { name: "Selected trials" }).getByRole("button", { name: "Delete" }).click();
  await trials.expectNames("the baseline");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
  await page.getByText("Recently deleted (1)").click();
  await page.getByRole("button", { name: "Put slow leader back" }).click();
  await trials.expectNames("the baseline", "slow leader");
});

test("a trial goes through a file, and a damaged file is refused with its line", async ({ page }, info) => {
  const trials = new Trials(page);
  await trials.open(server().url);
  await trials.row("slow leader").getByRole("link", { name: "slow leader" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export" }).click(),
  ]);
  const file = info.outputPath("trial.jsonl");
  await download.saveAs(file);
  const text = readFileSync(file, "utf8");
  expect(JSON.parse(text.split("\n")[0]).head.trial.summary.name).toBe("slow leader");

  await page.getByRole("link", { name: "Trials", exact: true }).first().click();
  const choose = page.getByLabel("Import…");
  await choose.setInputFiles(file);
  await expect(page.getByText("Imported 1 trial from trial.jsonl")).toBeVisible();
  await trials.expectNames("the baseline", "slow leader", "slow leader");

  const damaged = { name: "damaged.jsonl", mimeType: "application/x-ndjson", buffer: Buffer.from(text.replace(/"entity":\d/, '"entity":9999')) };
  await choose.setInputFiles(damaged);
  await expect(page.getByText(/damaged.jsonl: line \d+: the field entity is 9999/)).toBeVisible();
  await trials.expectNames("the baseline", "slow leader", "slow leader");
});

test.describe("the report", () => {
  // A report runs no scripts: the browser complains of those that the test's runner puts into every page.
  test.use({ expectedComplaints: /Blocked script execution in '[^']*\/report' because the document's frame is sandboxed/ });

  test("of a trial is one file that shows its charts", async ({ page, context }) => {
    const trials = new Trials(page);
    await trials.open(server().url);
    await trials.row("the baseline").getByRole("link", { name: "the baseline" }).click();
    const [report] = await Promise.all([
      context.waitForEvent("page"),
      page.getByRole("link", { name: "Report" }).click(),
    ]);
    await report.waitForLoadState();
    await expect(report.getByRole("heading", { name: "the baseline" })).toBeVisible();
    await expect(report.getByText("Use it as the baseline.")).toBeVisible();
    await expect(report.getByRole("img", { name: /^Throughput from 0:00/ })).toBeVisible();
    for (const scheme of ["light", "dark"] as const) {
      await report.emulateMedia({ colorScheme: scheme });
      await report.screenshot({ path: `screenshots/report-${scheme}-desktop.png`, fullPage: true });
    }
    await report.close();
  });
});

test("no chart of a trial says that nothing was reported before it has been drawn", async ({ page }) => {
  const trials = new Trials(page);
  await trials.open(server().url);
  await page.evaluate(() => {
    const look = () => {
      if (document.body.innerText.includes("Nothing of this was reported")) document.body.dataset.denied = "true";
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await trials.row("the baseline").getByRole("link", { name: "the baseline" }).click();
  await expect(page.locator("[data-chart]")).toHaveCount(10);
  await expect(page.locator('[data-chart][data-points="0"]')).toHaveCount(0);
  await expect(page.locator("body")).not.toHaveAttribute("data-denied");
});

test("a person runs a trial again, and it starts with the same settings", async ({ playground, page }) => {
  const trials = new Trials(page);
  await trials.open(server().url);
  await trials.row("slow leader").first().getByRole("link", { name: "slow leader" }).click();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByRole("heading", { name: "slow leader (again)" })).toBeVisible({ timeout: 30_000 });
  await playground.expectState("Running", { timeout: 60_000 });
  await expect(page.getByRole("row", { name: /Slow-proposal timer/ })).toContainText("4");
  // It is stopped where it is looked at.
  await playground.stopTrial();
  await expect(playground.stop).toHaveCount(0);
});

for (const scheme of ["light", "dark"] as const) {
  test(`the list and the page of a trial look right in ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    const trials = new Trials(page);
    for (const [name, width] of [["desktop", 1440], ["phone", 390]] as const) {
      await page.setViewportSize({ width, height: 900 });
      await trials.open(server().url);
      await trials.row("slow leader").first().getByRole("checkbox").check();
      await page.screenshot({ path: `screenshots/trials-list-${scheme}-${name}.png`, fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await trials.row("the baseline").getByRole("link", { name: "the baseline" }).click();
      await expect(page.getByRole("button", { name: "Run again" })).toBeVisible();
      await expect(page.locator('[data-chart][data-points="0"]')).toHaveCount(0);
      await page.screenshot({ path: `screenshots/trial-page-${scheme}-${name}.png` });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  });
}
