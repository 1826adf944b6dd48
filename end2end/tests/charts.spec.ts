import { type Chart, CHARTS, Charts } from "../support/charts";
import { Cluster } from "../support/cluster";
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();

// The trial of the first test is what the others look at.
test.describe.configure({ mode: "serial" });

test("a person pauses the charts, finds what happened in the list of events, and misses nothing", async ({ playground, page }) => {
  const charts = new Charts(page);
  const cluster = new Cluster(page);
  await playground.open(server().url);
  await charts.choose("throughput", "histogram", "views");
  await playground.startTrial("a leader crashes");
  await expect.poll(() => charts.points("histogram"), { timeout: 30_000 }).toBeGreaterThan(4);
  await expect(charts.chart("histogram").locator("[data-latest]")).toHaveText(/\d/);
  await expect(charts.picture("histogram")).toHaveAccessibleName(/^Latency histogram from .*Slowest .* to .* ms/);

  const pause = page.getByRole("button", { name: "Pause", exact: true });
  await pause.click();
  const standing = await charts.points("throughput");
  const leader = await cluster.leaderNumber();
  await cluster.choose(leader);
  await cluster.button("Crash").click();
  await expect(cluster.leader()).not.toHaveAttribute("data-replica", String(leader), { timeout: 30_000 });
  await expect(page.getByRole("button", { name: /^Resume, [2-9]|^Resume, \d\d/ })).toBeVisible({ timeout: 20_000 });
  expect(await charts.points("throughput")).toBe(standing);
  await page.getByRole("button", { name: /^Resume/ }).click();
  await expect.poll(() => charts.points("throughput")).toBeGreaterThan(standing + 8);

  // A fault, the death that it is, and the view change that it brings: on each chart, and in the list.
  for (const kind of ["fault", "view"]) {
    await expect(charts.chart("throughput").locator(`[data-mark="${kind}"]`)).not.toHaveCount(0);
    await expect(charts.chart("histogram").locator(`[data-mark="${kind}"]`)).not.toHaveCount(0);
  }
  await playground.stopTrial();
  const events = await charts.showEvents();
  await expect(events.locator('[data-event="fault"]').first()).toContainText(/Crash.* = 0|Crash/);
  const change = events.locator('[data-event="view"]').first();
  await expect(change).toContainText(/replica \d leads/);
  await change.focus();
  await expect(charts.tooltip("throughput")).toContainText(/replica \d leads/);
  await expect(events).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Reset zoom" })).toBeVisible();

  // However many charts there are, a table has room of its own.
  await charts.choose(...(Object.keys(CHARTS) as Chart[]));
  const table = (await charts.showTable("throughput")).locator("..");
  const below = await charts.chart("latency").boundingBox();
  const room = await table.boundingBox();
  expect(room!.y + room!.height).toBeLessThanOrEqual(below!.y);
});

test("a person walks along a chart, zooms and pans with the keyboard and the mouse", async ({ playground, page }) => {
  const charts = new Charts(page);
  await playground.open(`${server().url}/trials/1`);
  const chart = charts.picture("throughput");
  const shown = () => chart.getAttribute("aria-label");
  const reset = page.getByRole("button", { name: "Reset zoom" });
  await expect.poll(() => charts.points("throughput")).toBeGreaterThan(10);
  const whole = await shown();

  await chart.focus();
  await page.keyboard.press("Home");
  // From event to event.
  await page.keyboard.press(".");
  await expect(charts.tooltip("throughput")).toContainText(/Crash|leads/);
  await expect(charts.tooltip("latency")).toContainText(/Crash|leads/);
  await page.keyboard.press("+");
  await expect(reset).toBeVisible();
  const zoomed = await shown();
  expect(zoomed).not.toBe(whole);
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await expect.poll(shown).not.toBe(zoomed);
  await page.keyboard.press("0");
  await expect.poll(shown).toBe(whole);

  const box = (await charts.chart("latency").locator(".layer").boundingBox())!;
  const at = (share: number) => [box.x + box.width * share, box.y + box.height / 2] as const;
  await page.mouse.move(...at(0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.6), { steps: 5 });
  await page.mouse.up();
  await expect(reset).toBeVisible();
  const dragged = await shown();
  await page.keyboard.down("Shift");
  // By a tenth each: together more than the whole seconds that are told.
  for (let turn = 0; turn < 5; turn += 1) await page.mouse.wheel(0, 200);
  await page.keyboard.up("Shift");
  await expect.poll(shown).not.toBe(dragged);
  await reset.click();
  await expect.poll(shown).toBe(whole);
});

test("a person switches lines off, reads a chart as a table, and saves it as PNG, SVG and CSV", async ({ playground, page }) => {
  const charts = new Charts(page);
  await playground.open(`${server().url}/trials/1`);
  await expect.poll(() => charts.points("committed")).toBeGreaterThan(10);
  const all = await charts.points("committed");
  const toggle = charts.chart("committed").getByRole("button", { name: "Replica 3", exact: true });
  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-pressed", "false");
  await expect.poll(() => charts.points("committed")).toBeLessThan(all);

  const table = await charts.showTable("committed");
  await expect(table.getByRole("columnheader")).toHaveText(["Time", "Replica 0", "Replica 1", "Replica 2"]);
  const bands = await charts.showTable("histogram");
  await expect(bands.getByRole("columnheader").nth(1)).toHaveText(/ to .* m?s$/);

  const csv = await charts.save("committed", "CSV");
  expect(csv.name).toBe("a-leader-crashes-committed.csv");
  expect(csv.content.toString()).toMatch(/^seconds,Replica 0,Replica 1,Replica 2,Replica 3\r\n\d/);

  const svg = await charts.save("throughput", "SVG");
  const text = svg.content.toString();
  expect(svg.name).toBe("a-leader-crashes-throughput.svg");
  expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  for (const part of ["a leader crashes: Throughput (req/s)", ">achieved<", "leads</title>", "#"]) expect(text).toContain(part);
  // It is a picture of its own, without anything of the page: a browser paints it.
  expect(text).not.toMatch(/var\(|url\((?!#)/);

  for (const name of ["throughput", "histogram"] as const) {
    const png = await charts.save(name, "PNG");
    expect(png.content.subarray(1, 4).toString()).toBe("PNG");
    const size = await page.evaluate(async (bytes) => {
      const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
      context.drawImage(image, 0, 0);
      const colours = new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer));
      return { width: image.width, colours: colours.size };
    }, [...png.content]);
    expect(size.width).toBeGreaterThan(600);
    expect(size.colours, "lines, text and ground").toBeGreaterThan(20);
  }
});
