// A person defines a grid, watches it run, reads heat map, lines and table, cancels, resumes, and exchanges grid files.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();

/** Fills the form with a grid of two block sizes and two protocols, and short runs. */
async function define(page: Page, name: string, values: string, duration = "600 ms"): Promise<void> {
  await page.getByRole("textbox", { name: "Sweep name" }).fill(name);
  const protocols = page.getByRole("group", { name: "Protocols" });
  await protocols.getByRole("button", { name: "Zyzzyva", exact: true }).click();
  await expect(protocols.getByRole("button", { name: "PBFT", exact: true })).toHaveAttribute("aria-pressed", "true");
  await page.locator('[data-axis="benchmark.block-size"]').getByRole("textbox").fill(values);
  await page.getByRole("textbox", { name: "Measured time" }).fill(duration);
  await page.getByRole("textbox", { name: "Warm-up before it" }).fill("300 ms");
  await page.getByRole("textbox", { name: "Repetitions" }).fill("1");
}

const state = (page: Page) => page.locator("[data-sweep-state]").first();

async function picture(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(() => window.scrollTo(0, 0));
      const cutOff = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(cutOff, `${name} at ${width}`).toBe(0);
      await page.screenshot({ path: `screenshots/${name}-${scheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1440, height: 900 });
}

test("a grid of two block sizes and two protocols runs to its end and becomes a heat map, lines and a table", async ({ page, playground }) => {
  test.setTimeout(240_000);
  await playground.open(`${server().url}/sweeps`);
  await expect(page.getByText("No sweeps yet")).toBeVisible();
  await page.getByRole("link", { name: "New sweep" }).click();
  await define(page, "two by two", "1, 100");
  await expect(page.locator("[data-runs]")).toHaveAttribute("data-runs", "4");
  await picture(page, "sweep-new");
  await page.getByRole("button", { name: "Start sweep" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "two by two" })).toBeVisible();
  await expect(state(page)).toHaveAttribute("data-sweep-state", "Running");
  await expect(page.getByText(/about .* left/)).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Runs" })).toHaveAttribute("aria-valuetext", /[1-3] of 4 runs/, { timeout: 90_000 });
  await expect(state(page)).toHaveAttribute("data-sweep-state", "Finished", { timeout: 150_000 });

  const cells = page.locator("[data-cell]");
  await expect(cells).toHaveCount(4);
  for (const cell of await cells.all()) expect(Number(await cell.getAttribute("data-value"))).toBeGreaterThan(0);
  await expect(page.locator("[data-lines]")).toHaveAttribute("data-lines", "2");

  // By keyboard from cell to cell; the chosen one shows its trials.
  await page.locator('[data-cell="0-0"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator('[data-cell="1-1"]')).toBeFocused();
  const detail = page.getByRole("region", { name: "Chosen point" });
  await expect(detail).toContainText("Zyzzyva");
  await expect(detail).toContainText("100");
  await expect(detail.getByRole("link", { name: /^Trial \d+$/ })).toBeVisible();

  await page.getByLabel("Metric").selectOption("latency-p99");
  await expect(page.locator('[data-cell="0-0"]')).toHaveAttribute("aria-label", /ms, 1 run measured/);
  await page.getByRole("img", { name: /Latency, 99th percentile in ms/ }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".line-plot .tooltip")).toContainText("ms");
  await page.getByLabel("Metric").selectOption("throughput");
  await picture(page, "sweep-finished");

  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Points as CSV" }).click()]);
  const lines = readFileSync(await file.path(), "utf8").trim().split("\r\n");
  expect(lines.length).toBe(5);
  expect(lines[1]).toMatch(/^pbft,1,1,\d/);
  for (const [label, ending] of [["Save as SVG", "svg"], ["Save as PNG", "png"]]) {
    await page.getByLabel("Files of the heat map").click();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(".sweep-heat").getByRole("button", { name: label }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe(`two-by-two-heat-map.${ending}`);
    await page.getByLabel("Files of the heat map").click();
  }

  // The point on the lines has become the chosen one.
  await expect(detail).toContainText("PBFT");
  await page.locator('[data-cell="1-1"]').focus();
  await expect(detail).toContainText("Zyzzyva");
  await detail.getByRole("link", { name: /^Trial \d+$/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^two by two: zyzzyva, block-size=100/ })).toBeVisible();
  await playground.open(`${server().url}/sweeps`);
  await expect(page.locator("[data-sweep]")).toContainText("4 of 4 runs");
  await picture(page, "sweeps");
});

test("a sweep is cancelled at once, resumed, and deleted; its trials stay", async ({ page, playground }) => {
  test.setTimeout(240_000);
  await playground.open(`${server().url}/sweeps/new`);
  await define(page, "stopped on the way", "1, 10", "2 s");
  await page.getByRole("button", { name: "Start sweep" }).click();
  await expect(page.getByText("Running:")).toBeVisible({ timeout: 60_000 });
  await picture(page, "sweep-running");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(state(page)).toHaveAttribute("data-sweep-state", "Cancelled");
  await server().expectNoUnits();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(state(page)).toHaveAttribute("data-sweep-state", "Running");
  await expect(page.getByRole("progressbar", { name: "Runs" })).toHaveAttribute("aria-valuetext", /[1-4] of 4 runs/, { timeout: 90_000 });
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(state(page)).toHaveAttribute("data-sweep-state", "Cancelled");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete sweep" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sweeps" })).toBeVisible();
  await expect(page.getByRole("link", { name: "stopped on the way", exact: true })).toHaveCount(0);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Trials" }).click();
  await expect(page.getByRole("link", { name: /stopped on the way: / }).first()).toBeVisible();
});

test("what is wrong with a grid is said in place, and a grid file comes in and goes out", async ({ page, playground }) => {
  await playground.open(`${server().url}/sweeps/new`);
  const axis = page.locator('[data-axis="benchmark.block-size"]');
  await axis.getByRole("textbox").fill("1..100 log 3, many");
  await expect(axis.getByRole("alert")).toContainText('"many" is not a whole number');
  await expect(page.getByRole("button", { name: "Start sweep" })).toBeDisabled();
  await axis.getByRole("textbox").fill("1..100 log 3");
  await expect(page.getByRole("button", { name: "Start sweep" })).toBeEnabled();
  await expect(page.locator("[data-runs]")).toHaveAttribute("data-runs", "9");

  await page.getByRole("searchbox", { name: "Add a key" }).fill("authentication");
  await page.getByRole("button", { name: /benchmark\.authentication/ }).click();
  const authentication = page.locator('[data-axis="benchmark.authentication"]');
  await authentication.getByRole("button", { name: "bls" }).click();
  await expect(authentication.getByRole("button", { name: "bls" })).toHaveAttribute("aria-pressed", "false");
  await page.getByRole("textbox", { name: "Repetitions" }).fill("0");
  await expect(page.getByText("Repetitions is a whole number from 1 to 1000")).toBeVisible();
  await page.getByRole("textbox", { name: "Repetitions" }).fill("3");

  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export" }).click()]);
  const grid = readFileSync(await file.path(), "utf8");
  expect(grid).toContain("benchmark.block-size: [1, 10, 100]");
  expect(grid).toContain("repetitions: 3");
  const upload = (text: string) =>
    page.getByLabel("Import").setInputFiles({ name: "grid.yaml", mimeType: "text/plain", buffer: Buffer.from(text) });
  await upload(grid.replace("1, 10, 100", "1, x"));
  await expect(page.getByText(/grid\.yaml, line \d+, column \d+: benchmark\.block-size: "x"/i)).toBeVisible();
  await upload(grid.replace("1, 10, 100", "2, 4, 8, 16"));
  await expect(page.getByText("Read grid.yaml.")).toBeVisible();
  await expect(axis.getByRole("textbox")).toHaveValue("2, 4, 8, 16");
});
