import type { Browser, Page } from "@playwright/test";
import { Cluster } from "../support/cluster";
import { Playground } from "../support/playground";
import { Server } from "../support/server";
import { expect, test } from "../support/fixtures";

// What is asked for without a session, or by watchers, is refused, and the browser's console tells of it.
test.use({ expectedComplaints: /status of 40[13]/ });

let server: Server;

test.beforeAll(async ({}, info) => {
  server = new Server(`login-${info.project.name}`, () => ["--login"]);
  await server.start();
});

test.afterAll(async () => {
  await server?.stop();
  expect(server?.panics() ?? [], "panics in the server's log").toEqual([]);
});

async function person(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

async function expectSignInPage(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

/** Opens the link that the server printed. */
async function drive(page: Page): Promise<Playground> {
  const playground = new Playground(page);
  await playground.open(server.link);
  await expect(playground.start).toBeVisible();
  return playground;
}

async function share(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Access" }).click();
  await page.getByRole("button", { name: "Share a watching link" }).click();
  const link = await page.getByLabel("Watching link").inputValue();
  expect(link).toMatch(/\/login#token=[0-9a-f]{64}$/);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  return link;
}

test("the printed link opens the playground, and the token is nowhere to be seen", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const playground = await drive(page);
  expect(page.url()).toBe(`${server.url}/`);
  expect(asked.filter((url) => url.includes("token="))).toEqual([]);
  expect(await page.evaluate(() => document.cookie), "cookies that scripts can read").toBe("");
  await playground.startTrial("driven from afar");
  await playground.expectProgress();
  await playground.stopTrial();
});

test("whoever has a watching link sees the trial and cannot change it", async ({ browser, page }) => {
  const driver = await drive(page);
  const link = await share(page);
  await driver.startTrial("on stage");

  const audience = new Playground(await person(browser));
  await audience.open(link);
  await audience.expectState("Running");
  await audience.expectConnection("live");
  await audience.expectProgress();
  await expect(audience.page.getByText("You are watching: only drivers may change something").first()).toBeVisible();
  await expect(audience.stop).toBeDisabled();
  await audience.setting("Slow-proposal timer").fill("40");
  await expect(audience.update).toBeDisabled();
  const cluster = new Cluster(audience.page);
  await cluster.choose(0);
  await expect(cluster.button("Crash")).toBeDisabled();
  await expect(cluster.fault("In the dark")).toBeDisabled();
  // Not by another way either: what the page would send is refused.
  const refused = await audience.page.evaluate(async () => {
    const body = JSON.stringify({ trial: 1 });
    const answer = await fetch("/api/stop", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return { status: answer.status, text: await answer.text() };
  });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("only drivers may change something");

  await driver.stopTrial();
  await audience.expectState("Finished");
  await expect(audience.start).toBeDisabled();
  await audience.page.getByRole("button", { name: "Access" }).click();
  await expect(audience.page.getByRole("button", { name: "Share a watching link" })).toHaveCount(0);
  await audience.page.context().close();
});

test("a page that was asked for without a session is there after signing in, and gone after signing out", async ({ page }) => {
  await page.goto(`${server.url}/trials`);
  await expectSignInPage(page);
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("This token is not valid");
  await page.getByLabel("Token").fill(server.token);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Trials" })).toBeVisible();
  expect(page.url()).toBe(`${server.url}/trials`);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
  await page.getByRole("button", { name: "Access" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSignInPage(page);
  await page.goto(server.url);
  await expectSignInPage(page);
});

test("a revoked token signs its holder out while they look", async ({ browser, page }) => {
  await drive(page);
  const audience = new Playground(await person(browser));
  await audience.open(await share(page));
  await audience.expectConnection("live");
  server.command("token", "revoke", "--all");
  await expect(audience.connection).toHaveAttribute("data-connection", "signed-out", { timeout: 30_000 });
  await audience.page.getByRole("link", { name: "Sign in again" }).click();
  await expectSignInPage(audience.page);
  await audience.page.context().close();
  // The next tests need a way in.
  await server.restart();
});

for (const scheme of ["light", "dark"] as const) {
  test(`signing in looks right in ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await page.goto(server.url);
      await expectSignInPage(page);
      await page.screenshot({ path: `screenshots/login-${scheme}-${width}.png` });
      await page.getByLabel("Token").fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert")).toContainText("not valid");
      await page.getByText("Where do I get a token?").click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.screenshot({ path: `screenshots/login-refused-${scheme}-${width}.png` });
    }
    await page.goto(server.link);
    await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
    const link = await share(page);
    await page.getByRole("button", { name: "Access" }).click();
    await page.screenshot({ path: `screenshots/access-${scheme}-390.png` });
    await page.goto(link);
    await expect(page.getByText("You are watching: only drivers may change something").first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.screenshot({ path: `screenshots/watching-${scheme}-390.png` });
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.screenshot({ path: `screenshots/watching-${scheme}-1440.png` });
  });
}
