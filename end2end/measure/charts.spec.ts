// Whether all charts of 31 replicas can be watched without a stutter, live and over an hour, and whether ten tabs see all.
import { test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { Charts } from "../support/charts";
import { Playground } from "../support/playground";
import { Server } from "../support/server";
import { percentiles } from "./figures";
import { framesOf, gapsOf, watchFrames } from "./frames";

const SECONDS = 60;
const TABS = 10;

test("figures of the charts", async ({ page, context }) => {
  const server = new Server("measure-charts");
  const hour = execFileSync(process.env.BFTGYM_HOUR!, [server.data]).toString().trim();
  await server.start();
  await watchFrames(page);
  const playground = new Playground(page);
  const charts = new Charts(page);
  const lines: string[] = [""];

  const opened = Date.now();
  await playground.open(`${server.url}/trials/${hour}`);
  while ((await charts.points("memory")) < 100) await page.waitForTimeout(20);
  lines.push(`one hour of 31 replicas, from its address to all charts drawn: ${Date.now() - opened} ms`);
  const box = (await charts.chart("throughput").locator(".layer").boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const zoomed = await gapsOf(page, async () => {
    await page.keyboard.down("Control");
    for (let turn = 0; turn < 60; turn += 1) {
      await page.mouse.wheel(0, turn % 20 < 10 ? -100 : 100);
      await page.mouse.move(box.x + box.width * (0.3 + turn / 200), box.y + 40);
      // As a finger turns a wheel.
      await page.waitForTimeout(40);
    }
    await page.keyboard.up("Control");
  });
  lines.push(percentiles("one hour of 31 replicas, zooming by the wheel, all charts, from frame to frame", zoomed));
  const memory = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  lines.push(`its tab: JavaScript heap ${(memory / 1e6).toFixed(0)} MB`);

  await playground.open(server.url);
  const answer = await fetch(`${server.url}/api/start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    // A cluster of 31 on a machine for two: little work, so that what is measured is the page.
    body: JSON.stringify({
      request: {
        name: "31 replicas",
        protocol: "pbft",
        changes: [
          { key: "general.f", text: "10" },
          { key: "benchmark.closed-loop.num-client", text: "1" },
          { key: "benchmark.closed-loop.delay-ms", text: "500" },
        ],
      },
    }),
  });
  if (!answer.ok) throw new Error(`the trial was not started: ${answer.status} ${await answer.text()}`);
  await playground.expectState("Running", { timeout: 120_000 });
  const trial = await page.locator(".status-line a").getAttribute("href");
  await playground.open(server.url + trial);
  while ((await charts.points("committed")) < 31) await page.waitForTimeout(100);
  const live = await framesOf(page, () => page.waitForTimeout(SECONDS * 1000));
  lines.push(percentiles(`31 replicas live, all charts, ${SECONDS} s`, live));

  const tabs = [page];
  while (tabs.length < TABS) {
    const tab = await context.newPage();
    await new Playground(tab).open(server.url + trial);
    tabs.push(tab);
  }
  await page.waitForTimeout(5_000);
  await fetch(`${server.url}/api/stop`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ trial: Number(trial!.split("/").at(-1)) }),
  });
  const files: string[] = [];
  for (const tab of tabs) {
    await tab.bringToFront();
    await new Playground(tab).expectState("Finished");
    files.push((await new Charts(tab).save("committed", "CSV")).content.toString());
  }
  const rows = files[0].split("\r\n").length - 2;
  const same = files.filter((file) => file === files[0]).length;
  lines.push(`${TABS} tabs of one browser: ${same} of them have the same ${rows} moments of 31 replicas`);
  await server.stop();
  console.log(lines.join("\n"));
});
