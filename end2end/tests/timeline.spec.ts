import { Cluster } from "../support/cluster";
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();

test.beforeEach(async ({ playground }) => {
  await playground.open(server().url);
});

test("a planned crash and return happen by themselves, and are taken over into the next start", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await cluster.showTimeline();
  await cluster.plan("6", "end:crash", "3");
  await cluster.plan("2", "begin:crash", "3");
  await expect(cluster.planned()).toHaveCount(2);
  await expect(cluster.planned().nth(0)).toContainText("Replica 3 crashes");
  await expect(cluster.planned().nth(1)).toContainText("Replica 3 returns");

  await playground.startTrial("planned crash");
  await expect(cluster.replica(3)).toHaveAttribute("data-life", "crashed", { timeout: 15_000 });
  await expect(cluster.running().nth(0)).toHaveAttribute("data-progress", "done");
  await expect(cluster.replica(3)).toHaveAttribute("data-life", "up", { timeout: 15_000 });
  await expect(cluster.running().nth(1)).toHaveAttribute("data-progress", "done");
  await playground.expectApplied(2);
  await expect(playground.chart("throughput").locator('[data-mark="fault"]')).toHaveCount(2);
  await expect(page.locator("[data-verdict]").first()).toContainText("Pass");
  await playground.stopTrial();

  // What the trial did is the plan of the next one, at the same times.
  await cluster.button("Remove all").click();
  await expect(cluster.planned()).toHaveCount(0);
  await cluster.button("Use these changes in the next start").click();
  await expect(cluster.planned().nth(0)).toContainText("Replica 3 crashes");
  await playground.startTrial("again");
  await expect(cluster.replica(3)).toHaveAttribute("data-life", "crashed", { timeout: 15_000 });
  await playground.stopTrial();
});

test("an entry is edited and removed, and what is wrong with it is said before the start", async ({ page }) => {
  const cluster = new Cluster(page);
  await cluster.showTimeline();
  await cluster.plan("10", "begin:in-dark", "9");
  await expect(page.getByText("there is no replica 9: 0 to 3")).toBeVisible();
  await expect(cluster.planned()).toHaveCount(0);
  await cluster.plan("10", "begin:in-dark", "1, 2");
  await expect(cluster.planned()).toContainText("Replicas 1, 2 are left in the dark");
  await cluster.button("Edit 10 s: Replicas 1, 2 are left in the dark").click();
  await cluster.plan("12.5", "cut", "2");
  await expect(cluster.planned()).toContainText("12.5 s");
  await expect(cluster.planned()).toContainText("Replica 2 is cut off");
  await cluster.button("Remove 12.5 s: Replica 2 is cut off").click();
  await expect(cluster.planned()).toHaveCount(0);
});
