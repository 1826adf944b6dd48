import { expect, test, useServer } from "../support/fixtures";
import { Playground, UNITS } from "../support/playground";

const server = useServer();

test.beforeEach(async ({ playground }) => {
  await playground.open(server().url);
});

test("a person presses Start and sees the committed numbers grow", async ({ playground }) => {
  await playground.startTrial("first look");
  await playground.expectProgress();
  await playground.expectAbove("throughput", 0);
  await playground.expectAbove("latency", 0);
  for (const unit of UNITS.all) await expect(playground.unit(unit)).toHaveAttribute("data-health", "up");
  await expect(playground.page.locator("[data-verdict]").first()).toContainText("Pass");
  await playground.expectConnection("live");
  // The controller, four replicas and the client are processes of their own.
  expect(server().units()).toHaveLength(6);
  await playground.stopTrial();
  await server().expectNoUnits();
});

test("a person slows the leader down: throughput drops, the chart is marked, every unit says so", async ({ playground }) => {
  await playground.startTrial("slow proposals");
  // A leader that waits 400 / (f + 1) = 200 ms between blocks of 10 cannot do more than 50 requests a second.
  await playground.expectAbove("throughput", 200);
  await playground.setting("Slow-proposal timer").fill("400");
  await playground.update.click();
  await playground.expectApplied(1);
  await playground.expectBelow("throughput", 100);
  await expect(playground.chart("throughput").locator('[data-mark="fault"]')).not.toHaveCount(0);
  // Slow, not dead.
  await playground.expectProgress();
  await playground.setting("Slow-proposal timer").fill("0");
  await playground.update.click();
  await playground.expectApplied(2);
  await playground.expectAbove("throughput", 200);
  await playground.stopTrial();
});

test("a person stops, reloads, and finds the trial with its chart in Trials", async ({ playground, page }) => {
  const name = "keeps its chart";
  await playground.startTrial(name);
  await playground.expectProgress();
  await playground.stopTrial();
  await playground.reload();
  await page.getByRole("link", { name: "Trials", exact: true }).first().click();
  await expect(page).toHaveURL(/\/trials$/);
  await page.getByRole("link", { name }).first().click();
  await expect(page).toHaveURL(/\/trials\/\d+$/);
  await playground.expectState("Finished");
  for (const chart of ["throughput", "latency", "committed"] as const) {
    await expect.poll(() => playground.points(chart), { message: `points of ${chart}` }).toBeGreaterThan(1);
  }
  // The same through its address alone.
  await playground.reload();
  await expect.poll(() => playground.points("committed")).toBeGreaterThan(1);
});

test("a reload in the middle of a trial loses nothing of the chart", async ({ playground }) => {
  await playground.startTrial("reloaded");
  await expect.poll(() => playground.points("committed"), { timeout: 30_000 }).toBeGreaterThan(60);
  const before = await playground.points("committed");
  await playground.reload();
  // What the chart shows first is the whole history, not only what has come since.
  let first = 0;
  await expect.poll(async () => (first = await playground.points("committed")), { intervals: [20] }).toBeGreaterThan(0);
  expect(first).toBeGreaterThanOrEqual(before);
  await playground.expectState("Running");
  await playground.expectProgress();
  await playground.stopTrial();
});

test("while one trial runs, the next one can be queued, in any tab", async ({ playground, context }) => {
  await playground.startTrial("the only one");
  await expect(playground.start).toHaveText("Queue");
  const second = new Playground(await context.newPage());
  await second.open(server().url);
  await second.expectState("Running");
  await expect(second.start).toHaveText("Queue");
  await second.expectProgress();
  // Stopped here, it is stopped there.
  await second.stopTrial();
  await playground.expectState("Finished");
  await expect(playground.start).toHaveText("Start");
  await second.page.close();
});

test("a person without a mouse starts and stops a trial", async ({ playground, page }) => {
  const tabTo = async (target: Playground["start"]) => {
    for (let step = 0; step < 80; step += 1) {
      await page.keyboard.press("Tab");
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error("80 presses of Tab did not reach the button");
  };
  await tabTo(playground.start);
  const outline = await playground.start.evaluate((element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" || style.boxShadow !== "none";
  });
  expect(outline, "the focused button can be seen").toBe(true);
  await page.keyboard.press("Enter");
  await playground.expectState("Running", { timeout: 60_000 });
  await playground.expectProgress();
  await tabTo(playground.stop);
  await page.keyboard.press("Enter");
  await playground.expectState("Finished");
});
