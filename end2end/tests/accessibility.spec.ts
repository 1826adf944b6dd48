import type { Page } from "@playwright/test";
import { Charts } from "../support/charts";
import { expect, test, useServer } from "../support/fixtures";
import { Playground } from "../support/playground";
import { expectAxeFindsNothing, expectNothingForbidden, expectNothingJumped, walkThrough, watchQuality } from "../support/quality";

const server = useServer();
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"] as const;

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `screenshots/${name}.png`, fullPage: true });
}

async function expectGood(page: Page, name: string): Promise<void> {
  await picture(page, name);
  await expectAxeFindsNothing(page, name);
  await expectNothingForbidden(page, name);
}

test.beforeEach(async ({ page }) => watchQuality(page));

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const scheme of SCHEMES) {
    test(`axe finds nothing, nothing jumps and nothing is forbidden, ${size} and ${scheme}`, async ({ playground, page }) => {
      test.setTimeout(240_000);
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: scheme });
      const name = (what: string) => `quality-${what}-${size}-${scheme}`;

      await playground.open(server().url);
      await playground.expectConnection("live");
      await expectNothingJumped(page, name("idle"));
      await expectGood(page, name("idle"));

      await playground.startTrial("for everybody");
      await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(20);
      await expectGood(page, name("running"));
      await playground.setting("Slow-proposal timer").fill("70000");
      await expect(playground.fieldError("fault.slow-proposal.timer")).toBeVisible();
      await expectAxeFindsNothing(page, name("error"));
      await playground.setting("Slow-proposal timer").fill("20");
      await playground.update.click();
      await playground.expectApplied(1);

      const trial = new URL((await page.locator(".status-line a").getAttribute("href"))!, server().url).href;
      await playground.open(trial);
      const charts = new Charts(page);
      await expect.poll(() => charts.points("histogram"), { timeout: 30_000 }).toBeGreaterThan(10);
      await charts.showTable("latency");
      await charts.showTable("histogram");
      await expectGood(page, name("trial"));
      await playground.open(server().url);
      await playground.stopTrial();

      for (const [what, path] of [
        ["trials", "/trials"],
        ["trial-ended", new URL(trial).pathname],
        ["protocols", "/protocols"],
        ["protocol", "/protocols/pbft"],
        ["sweeps", "/sweeps"],
        ["new-sweep", "/sweeps/new"],
        ["testbeds", "/testbeds"],
        ["compare", `/compare?trials=${new URL(trial).pathname.split("/").at(-1)}`],
        ["no-trial", "/trials/999999"],
      ]) {
        await playground.open(server().url + path);
        await playground.expectConnection("live");
        if (what === "trial-ended") await expect.poll(() => playground.points("committed")).toBeGreaterThan(1);
        await expectNothingJumped(page, name(what));
        await expectGood(page, name(what));
      }
    });
  }
}

test.describe("at an address without a page", () => {
  // The browser itself tells of the answer 404.
  test.use({ expectedComplaints: /404 \(Not Found\) \(.*\/nowhere\)/ });

  test("a page that does not exist says so, and is as good as the others", async ({ playground, page }) => {
    await playground.open(`${server().url}/nowhere`);
    await expect(page.getByRole("heading", { name: "There is no such page" })).toBeVisible();
    await expectGood(page, "quality-nowhere");
  });
});

test("every control is reached with the Tab key and shows that it has the focus", async ({ playground, page }) => {
  test.setTimeout(180_000);
  await playground.open(server().url);
  const idle = await walkThrough(page);
  for (const wanted of ["Start", "Pause", "System", "Keyboard shortcuts", "All settings"]) {
    expect(idle.some((stop) => stop.includes(wanted)), `${wanted} among ${idle.join("; ")}`).toBe(true);
  }
  await playground.startTrial("walked");
  await playground.setting("Slow-proposal timer").fill("20");
  await playground.update.click();
  await playground.expectApplied(1);
  await playground.stopTrial();
  await playground.open(server().url + (await page.locator(".status-line a").getAttribute("href"))!);
  await expect.poll(() => playground.points("committed")).toBeGreaterThan(1);
  const stops = await walkThrough(page);
  expect(stops.filter((stop) => stop.startsWith("canvas")).length, "each chart is one stop").toBe(10);
  for (const path of ["/trials", "/protocols", "/protocols/pbft", "/sweeps", "/testbeds"]) {
    await playground.open(server().url + path);
    expect((await walkThrough(page)).length).toBeGreaterThan(5);
  }
});

test("charts have names that tell what they show", async ({ playground, page }) => {
  await playground.open(server().url);
  await expect(page.getByRole("img", { name: "Throughput: no samples yet" }).or(page.getByRole("img", { name: /^Throughput from/ }))).toBeVisible();
  await playground.startTrial("in words");
  await expect(page.getByRole("img", { name: /^Throughput from 0:00 to \d:\d\d\. Latest: achieved [\d,]+ req\/s/ })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("img", { name: /^Last committed .* Replica 3 [\d,]+ sequence/ })).toBeVisible({ timeout: 30_000 });
  await playground.stopTrial();
});

test("nothing moves for those who do not want it", async ({ playground, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await playground.open(server().url);
  await playground.start.click();
  const moving = () => page.evaluate(() => document.getAnimations().length);
  for (let look = 0; look < 20; look += 1) {
    expect(await moving()).toBe(0);
    await page.waitForTimeout(50);
  }
  await playground.expectState("Running", { timeout: 60_000 });
  expect(await moving()).toBe(0);
  await playground.stopTrial();
});

test.describe("when something is wrong", () => {
  test.use({ expectedComplaints: /net::ERR_|Failed to (fetch|load resource)|network error/i });

  test("each panel says what it waits for, what failed and what it lacks", async ({ playground, page, context }) => {
    test.setTimeout(180_000);
    // Slow answers.
    let release = () => {};
    const held = new Promise<void>((done) => (release = done));
    await page.route("**/api/read/trial", async (route) => {
      await held;
      await route.continue();
    });
    await playground.open(server().url);
    await playground.startTrial("slowly told");
    await expect(page.getByText("Loading samples…").first()).toBeVisible();
    await picture(page, "state-loading");
    await expectAxeFindsNothing(page, "loading");
    release();
    await playground.expectProgress();

    // The trial breaks.
    await server().killUnit(0);
    await playground.expectState("Failed");
    await expect(page.getByText(/This trial failed: .*controller was killed by signal 9/i).first()).toBeVisible();
    await picture(page, "state-failed");
    await expectAxeFindsNothing(page, "failed");
    const address = (await page.locator(".status-line a").getAttribute("href"))!;
    await playground.open(server().url + address);
    await expect(page.getByText(/This trial failed:/).first()).toBeVisible();
    await picture(page, "state-failed-trial");
    await expectAxeFindsNothing(page, "failed trial");

    // An answer that is none.
    await page.route("**/api/read/trial", (route) => route.fulfill({ status: 500, body: "no" }));
    await playground.open(server().url);
    await expect(page.getByText(/The samples could not be loaded/).first()).toBeVisible();
    await picture(page, "state-error");
    await expectAxeFindsNothing(page, "error");
    await page.unroute("**/api/read/trial");

    // The server is gone, and comes back.
    const other = await context.newPage();
    const beside = new Playground(other);
    await beside.open(server().url);
    await beside.expectConnection("live");
    await server().kill();
    for (const each of [playground, beside]) await each.expectConnection("lost");
    await expect(page.getByText(/Disconnected from the server/)).toBeVisible();
    await picture(page, "state-disconnected");
    await expectAxeFindsNothing(page, "disconnected");
    await server().start();
    for (const each of [playground, beside]) await each.expectConnection("live");
    await other.close();
  });
});
