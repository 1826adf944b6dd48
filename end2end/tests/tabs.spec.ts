// Many tabs of one browser, and many browsers, on one server. Browsers open six connections to a server at most.
import { type BrowserContext, type Page } from "@playwright/test";
import { type Chart, Charts } from "../support/charts";
import { expect, test, useServer } from "../support/fixtures";
import { Playground } from "../support/playground";

const server = useServer();
const TABS = 10;
// Points of the two lines of throughput: more than what `expectSameInAll` asks for.
const ENOUGH = 50;

// Ten unoptimised pages are 340 MB of WebAssembly, which a browser compiles beside the cluster.
async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server().url);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 240_000 });
  return page;
}

/** A cluster with little to do: the tabs are what is tested. */
async function startQuietTrial(page: Page, name: string): Promise<void> {
  const changes = [
    { key: "benchmark.closed-loop.num-client", text: "1" },
    { key: "benchmark.closed-loop.delay-ms", text: "100" },
  ];
  const answer = await page.request.post(`${server().url}/api/start`, { data: { request: { name, protocol: "pbft", changes } } });
  expect(answer.ok(), await answer.text()).toBe(true);
  await new Playground(page).expectState("Running", { timeout: 60_000 });
}

/** All samples of a chart, as the tab has them. */
async function samples(page: Page, chart: Chart): Promise<string> {
  await page.bringToFront();
  return (await new Charts(page).save(chart, "CSV")).content.toString();
}

async function expectSameInAll(pages: Page[]): Promise<void> {
  for (const page of pages) await new Playground(page).expectState("Finished");
  for (const chart of ["throughput", "committed"] as const) {
    const files: string[] = [];
    for (const page of pages) files.push(await samples(page, chart));
    expect(files[0].split("\r\n").length, `rows of ${chart}`).toBeGreaterThan(20);
    for (const [index, file] of files.entries()) expect(file, `${chart} in tab ${index}`).toBe(files[0]);
  }
}

test("ten tabs of one browser, opened before and during a trial, all see all of it, also when the one that reads the stream is closed", async ({ playground, page, context }) => {
  test.setTimeout(600_000);
  const streams: Page[] = [];
  context.on("request", (request) => {
    if (new URL(request.url()).pathname === "/stream") streams.push(request.frame().page());
  });
  await playground.open(server().url);
  const tabs = [page];
  while (tabs.length < TABS - 3) tabs.push(await openTab(context));
  for (const tab of tabs) await new Playground(tab).expectConnection("live");
  expect(streams, "one tab reads the stream for all").toHaveLength(1);

  await page.bringToFront();
  await startQuietTrial(page, "seen by ten");
  while (tabs.length < TABS) tabs.push(await openTab(context));
  for (const tab of tabs) {
    await new Playground(tab).expectConnection("live");
    await expect.poll(() => new Playground(tab).points("throughput"), { timeout: 30_000 }).toBeGreaterThan(4);
  }
  expect(streams).toHaveLength(1);

  const reader = streams[0];
  const others = tabs.filter((tab) => tab !== reader);
  expect(others).toHaveLength(TABS - 1);
  await reader.close();
  await expect.poll(() => streams.length, { message: "another tab takes over" }).toBe(2);
  await others[0].bringToFront();
  const last = new Playground(others[0]);
  await last.expectProgress();
  await last.stopTrial();
  await expectSameInAll(others);
});

test("several people with browsers of their own see the same", async ({ playground, page, browser }) => {
  test.setTimeout(400_000);
  const contexts = [await browser.newContext(), await browser.newContext()];
  await playground.open(server().url);
  await startQuietTrial(page, "seen by three");
  const pages = [page, ...(await Promise.all(contexts.map(openTab)))];
  for (const each of pages) await expect.poll(() => new Playground(each).points("throughput"), { timeout: 30_000 }).toBeGreaterThan(ENOUGH);
  await page.bringToFront();
  await playground.stopTrial();
  await expectSameInAll(pages);
  for (const context of contexts) await context.close();
});

test("a tab that slept catches up", async ({ playground, page, context }) => {
  test.setTimeout(400_000);
  await playground.open(server().url);
  const sleeper = await openTab(context);
  await new Playground(sleeper).expectConnection("live");
  await page.bringToFront();
  await startQuietTrial(page, "slept through");
  // As a phone does to tabs in the background: what is told meanwhile is not heard.
  const session = await context.newCDPSession(sleeper);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(ENOUGH);
  await playground.stopTrial();
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await expectSameInAll([page, sleeper]);
});
