import { Cluster } from "../support/cluster";
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();

test.beforeEach(async ({ playground }) => {
  await playground.open(server().url);
});

test("a person crashes the leader by clicking it: another one leads, progress returns, the verdict stays Pass", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.startTrial("leader crash");
  await playground.expectProgress();
  const first = await cluster.leaderNumber();
  await cluster.choose(first);
  await cluster.button("Crash").click();
  await expect(cluster.replica(first)).toHaveAttribute("data-life", "crashed", { timeout: 10_000 });
  await expect(playground.chart("throughput").locator('[data-mark="fault"]')).not.toHaveCount(0);
  await expect.poll(() => cluster.leaderNumber(), { timeout: 30_000 }).not.toBe(first);
  await playground.expectProgress();
  await playground.expectAbove("throughput", 100);
  await expect(page.locator("[data-verdict]").first()).toContainText("Pass");
  // And it comes back, empty-handed, and catches up.
  await cluster.button("Restart").click();
  await expect(cluster.replica(first)).toHaveAttribute("data-life", "up", { timeout: 20_000 });
  await expect.poll(() => cluster.lag(first), { timeout: 60_000 }).toBeLessThan(1_000);
  await playground.stopTrial();
});

test("a replica in the dark falls behind, and catches up when the fault is switched off", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.startTrial("in the dark");
  await playground.expectProgress();
  await cluster.choose(2);
  await cluster.fault("In the dark").check();
  await expect(cluster.replica(2)).toHaveAttribute("data-faults", "in-dark");
  await expect(cluster.replica(2)).toHaveAttribute("data-late", "true", { timeout: 30_000 });
  await cluster.fault("In the dark").uncheck();
  await expect(cluster.replica(2)).toHaveAttribute("data-faults", "");
  await expect(cluster.replica(2)).toHaveAttribute("data-late", "false", { timeout: 30_000 });
  await playground.stopTrial();
});

test("a person cuts two of four replicas off: nothing is decided until the partition heals", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.startTrial("partition");
  await playground.expectProgress();
  await cluster.choose(2, 3);
  await cluster.button("Cut off").click();
  await expect(cluster.ring.locator('[data-group="1"]')).toHaveCount(2);
  await playground.expectBelow("throughput", 1);
  await cluster.button("Heal").click();
  await expect(cluster.ring.locator('[data-group="1"]')).toHaveCount(0);
  await playground.expectAbove("throughput", 100);
  await expect(page.locator("[data-verdict]").first()).toContainText("Pass");
  await playground.stopTrial();
});

test("a person without a mouse walks the circle and gives a replica a fault", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.startTrial("by keyboard");
  await playground.expectProgress();
  await page.keyboard.press("c");
  await expect(cluster.replica(0)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(cluster.replica(3)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Replica 3" })).toBeFocused();
  await cluster.fault("Wrong votes").focus();
  await page.keyboard.press("Space");
  await expect(cluster.replica(3)).toHaveAttribute("data-faults", "wrong-votes");
  await expect(cluster.replica(3)).toHaveAttribute("aria-label", /voting wrongly/);
  await playground.expectProgress();
  await cluster.button("Clear all faults").click();
  await expect(cluster.replica(3)).toHaveAttribute("data-faults", "");
  await playground.stopTrial();
});

test("more faulty replicas than the protocol stands are warned of, and still allowed", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.startTrial("too many");
  await playground.expectProgress();
  await cluster.choose(1, 2);
  await cluster.fault("Non-responsive").check();
  await expect(page.getByText("More than f = 1 faulty (replicas 1, 2)")).toBeVisible();
  await playground.expectBelow("throughput", 1);
  await cluster.button("Clear all faults").click();
  await expect(page.getByText("More than f = 1 faulty")).toHaveCount(0);
  await playground.expectAbove("throughput", 100);
  await playground.stopTrial();
});

test("before a start, a fault goes into the configuration of the next start", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await cluster.choose(0);
  await expect(cluster.card.getByText("for the next start")).toBeVisible();
  await cluster.card.getByLabel("Slow proposals: Slow-proposal timer").fill("300");
  await cluster.fault("Slow proposals").check();
  await expect(playground.setting("Slow-proposal timer")).toHaveValue("300");
  await expect(cluster.replica(0)).toHaveAttribute("data-faults", "slow-proposal");
  await playground.startTrial("slow from the start");
  await playground.expectProgress();
  await playground.expectBelow("throughput", 200);
  await playground.stopTrial();
});

test("the list shows what the circle shows, with a box for each replica", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.startTrial("list");
  await playground.expectProgress();
  await cluster.button("List").click();
  await cluster.card.getByLabel("Choose replica 1").check();
  await cluster.card.getByLabel("Choose replica 2").check();
  await expect(page.getByRole("heading", { name: "Replicas 1, 2" })).toBeVisible();
  await expect(cluster.card.getByRole("row").filter({ hasText: "leader" })).toHaveCount(1);
  for (const unit of [0, 1, 2, 3, 4, 5]) await expect(playground.unit(unit)).toHaveAttribute("data-health", "up");
  await playground.stopTrial();
});
