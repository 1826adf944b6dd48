import { expect, test, useServer } from "../support/fixtures";

const server = useServer();
const CHARTS = ["throughput", "latency", "committed"] as const;

// While the server is down, the browser itself reports each failed request.
test.use({ expectedComplaints: /net::ERR_|Failed to (fetch|load resource)|network error/i });

test("the server is killed and started again: the page says so, recovers, and the trial keeps its samples", async ({ playground, page }) => {
  const name = "cut off";
  await playground.open(server().url);
  await playground.startTrial(name);
  await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(8);
  // What a chart shows has been stored before.
  const shown: Record<string, number> = {};
  for (const chart of CHARTS) shown[chart] = await playground.points(chart);

  await server().kill();
  await server().expectNoUnits();
  await playground.expectConnection("lost");

  await server().start();
  await playground.expectConnection("live");
  await playground.expectState("Interrupted");
  await expect(page.getByText("the server ended while it ran")).toBeVisible();
  for (const chart of CHARTS) await expect.poll(() => playground.points(chart)).toBeGreaterThanOrEqual(shown[chart]);

  await playground.open(`${server().url}/trials`);
  await page.getByRole("link", { name }).first().click();
  await playground.expectState("Interrupted");
  for (const chart of CHARTS) {
    await expect.poll(() => playground.points(chart), { message: `points of ${chart}` }).toBeGreaterThanOrEqual(shown[chart]);
  }

  // The way is free for the next one.
  await playground.open(server().url);
  await playground.startTrial("after the cut");
  await playground.expectProgress();
  await playground.stopTrial();
});
