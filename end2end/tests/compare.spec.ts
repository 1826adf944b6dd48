import { expect, test, useServer } from "../support/fixtures";
import type { Playground } from "../support/playground";
import { Trials } from "../support/trials";

const server = useServer();

test.describe.configure({ mode: "serial" });

async function measure(playground: Playground, name: string, points = 24): Promise<void> {
  await playground.startTrial(name);
  await expect.poll(() => playground.points("throughput"), { timeout: 40_000 }).toBeGreaterThan(points);
  await playground.stopTrial();
}

test("a person runs PBFT, then Prime with a slow leader, and compares the two", async ({ playground, page }) => {
  await playground.open(server().url);
  await measure(playground, "PBFT");
  await page.getByRole("combobox", { name: "Protocol", exact: true }).selectOption("prime");
  await playground.setting("Slow-proposal timer").fill("40");
  await measure(playground, "Prime, slow leader");

  const trials = new Trials(page);
  await trials.open(server().url);
  await trials.expectFigures("PBFT");
  await trials.expectFigures("Prime, slow leader");
  await trials.row("PBFT").getByRole("checkbox").check();
  await trials.row("Prime, slow leader").getByRole("checkbox").check();
  await page.getByRole("link", { name: "Compare" }).last().click();
  await expect(page).toHaveURL(/\/compare\?trials=1,2$/);

  // Two lines, each with its name, on every chart.
  const throughput = page.locator('[data-chart="throughput"]');
  await expect(throughput.getByRole("button", { name: "A · PBFT" })).toBeVisible();
  await expect(throughput.getByRole("button", { name: "B · Prime, slow leader" })).toBeVisible();
  await expect.poll(async () => Number(await throughput.getAttribute("data-points"))).toBeGreaterThan(20);
  // A table with p50 and p99 and the difference in percent, as a sign, an arrow and a word.
  const prime = page.locator('tr[data-trial="2"]');
  await expect(page.locator('tr[data-trial="1"]')).toHaveAttribute("data-baseline", "true");
  await expect(prime.locator(".difference").first()).toContainText(/[+−][\d.]+ % (higher|lower)/);
  await expect(prime.locator("[data-percent]")).toHaveCount(3);
  // Only the settings that differ.
  const differences = page.getByRole("region", { name: "What differs" });
  await expect(differences.getByRole("row", { name: /^Protocol/ })).toContainText("prime");
  await expect(differences.getByRole("row", { name: /Slow-proposal timer/ })).toContainText("40");
  await expect(differences.getByRole("row", { name: /Block size/ })).toHaveCount(0);
});

test("the link shows the same comparison, with another baseline too", async ({ page, context }) => {
  await page.goto(`${server().url}/compare?trials=1,2`);
  await expect(page.locator('tr[data-trial="2"]')).toBeVisible({ timeout: 60_000 });
  await page.getByRole("radio", { name: "Measure against Prime, slow leader" }).check();
  await expect(page).toHaveURL(/baseline=2/);
  await page.getByRole("button", { name: "p99", exact: true }).click();
  await expect(page).toHaveURL(/percentile=p99/);
  await expect(page.getByRole("heading", { name: "Latency p99" })).toBeVisible();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy the link" }).click();
  await expect(page.getByText("Link copied")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.locator('tr[data-trial="2"]')).toHaveAttribute("data-baseline", "true", { timeout: 60_000 });
  await expect(other.locator('tr[data-trial="1"] [data-percent]')).toHaveCount(3);
  await expect(other.getByRole("heading", { name: "Latency p99" })).toBeVisible();
  await other.close();
});

test("trials are aligned by a mark of each, and a line can be switched off", async ({ playground, page }) => {
  await playground.open(server().url);
  await playground.startTrial("changed at once");
  await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(8);
  await playground.setting("Slow-proposal timer").fill("20");
  await playground.update.click();
  await playground.expectApplied(1);
  await playground.stopTrial();
  await page.goto(`${server().url}/compare?trials=1,3`);
  await expect(page.locator('tr[data-trial="3"]')).toBeVisible({ timeout: 60_000 });
  await page.getByLabel("Times aligned by").selectOption("mark:1");
  await expect(page).toHaveURL(/align=mark:1/);
  await expect(page.getByText(/Each trial's mark 1 stands at 0:\d\d.\d. A has none/)).toBeVisible();
  const throughput = page.locator('[data-chart="throughput"]');
  // On a busy machine a leader may have been replaced, which is marked as well.
  await expect(throughput.locator('.event-mark[aria-label*="B v1: Slow-proposal timer = 20 ms"]')).toHaveCount(1);
  const before = Number(await throughput.getAttribute("data-points"));
  await throughput.getByRole("button", { name: "A · PBFT" }).click();
  await expect.poll(async () => Number(await throughput.getAttribute("data-points"))).toBeLessThan(before);
});

test("repetitions of one setting become one line with its interval", async ({ playground, page }) => {
  await playground.open(server().url);
  await measure(playground, "PBFT once more");
  await page.goto(`${server().url}/compare`);
  await expect(page.getByText("Nothing to compare yet")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
  for (const id of ["1", "4", "2"]) {
    await page.getByLabel("Trials to compare").selectOption(id);
    await expect(page.locator(`tr[data-trial="${id}"]`)).toBeVisible({ timeout: 15_000 });
  }
  await page.getByLabel(/Show repetitions as one/).check();
  await expect(page).toHaveURL(/repetitions=merged/);
  await expect(page.locator("tr[data-baseline]")).toHaveCount(2);
  await expect(page.locator('tr[data-trial="1"]')).toContainText("2 runs");
  await expect(page.locator('[data-chart="throughput"]').getByRole("button", { name: "A, B · PBFT (2 runs)" })).toBeVisible();
  await page.screenshot({ path: "screenshots/compare-merged-desktop.png", fullPage: true });
});

for (const scheme of ["light", "dark"] as const) {
  test(`the comparison looks right in ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [name, width] of [["desktop", 1440], ["phone", 390]] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${server().url}/compare?trials=1,2,3,4`);
      const throughput = page.locator('[data-chart="throughput"]');
      await expect.poll(async () => Number(await throughput.getAttribute("data-points")), { timeout: 60_000 }).toBeGreaterThan(20);
      await throughput.getByRole("img").focus();
      await page.keyboard.press("ArrowLeft");
      await page.screenshot({ path: `screenshots/compare-${scheme}-${name}.png`, fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  });
}
