// CloudLab in the page, against a small portal of the test's own.
import type { Locator, Page } from "@playwright/test";
import { expect, test, useServer } from "../support/fixtures";
import { ID, Portal, TOKEN } from "../support/portal";

const portal = new Portal();
test.beforeAll(() => portal.start());
const server = useServer(() => ["--cloudlab-portal", portal.url, "--cloudlab-poll", "300ms"]);
test.afterAll(() => portal.stop());

class Desk {
  readonly card: Locator;
  readonly form: Locator;

  constructor(readonly page: Page) {
    this.card = page.getByRole("region", { name: "CloudLab" });
    this.form = page.getByRole("form", { name: "New experiment" });
  }

  experiment(name: string): Locator {
    return this.card.locator(`[data-experiment="${name}"]`);
  }

  async expectState(name: string, state: string): Promise<void> {
    await expect(this.experiment(name)).toHaveAttribute("data-experiment-state", state, { timeout: 30_000 });
  }

  async giveToken(token = TOKEN): Promise<void> {
    await this.card.getByLabel("Portal token").fill(token);
    await this.card.getByRole("button", { name: "Check", exact: true }).click();
  }

  async create(name: string): Promise<void> {
    await this.form.getByLabel("Name", { exact: true }).fill(name);
    await this.form.getByLabel("Project").fill("proj");
    await this.form.getByLabel("Machines").fill("2");
    await this.form.getByRole("button", { name: "Create" }).click();
  }

  async terminate(name: string): Promise<void> {
    await this.experiment(name).getByRole("button", { name: "Terminate…" }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Terminate", exact: true }).click();
  }
}

async function open(page: Page): Promise<Desk> {
  await page.goto(`${server().url}/testbeds`);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 60_000 });
  return new Desk(page);
}

/** The page with a token that the portal accepts, whatever came before. */
async function openWithToken(page: Page): Promise<Desk> {
  const desk = await open(page);
  const token = desk.card.locator("[data-token]");
  if ((await token.getAttribute("data-token")) !== "accepted") await desk.giveToken();
  await expect(token).toHaveAttribute("data-token", "accepted");
  return desk;
}

async function picture(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${name} at ${width} px`).toBe(0);
      await page.screenshot({ path: `screenshots/cloudlab-${name}-${scheme}-${width}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

test.beforeEach(() => portal.reset());

test("a token is refused with the reason, then accepted, and is in no page, address or storage", async ({ page }) => {
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  const desk = await open(page);
  const forget = desk.card.getByRole("button", { name: "Forget it" });
  if (await forget.isVisible()) await forget.click();
  await expect(desk.form).toHaveCount(0);
  await desk.giveToken("");
  await expect(desk.card.getByRole("alert")).toContainText("The token is empty");
  await desk.giveToken("expired");
  await expect(desk.card.getByRole("alert")).toContainText("Token has expired");
  await picture(page, "token-refused");

  const busy = (seconds: number) => ({
    status: 429,
    body: { error: "Load average too high: 17" },
    headers: { "retry-after": String(seconds) },
  });
  portal.insteadOfToken = [busy(60)];
  await desk.giveToken();
  const waiting = desk.card.getByRole("status").filter({ hasText: "The portal is busy: Load average too high: 17." });
  await expect(waiting).toBeVisible();
  await expect(desk.card).toContainText(/It is asked again in \d+ s\./);
  await picture(page, "token-busy");
  await desk.card.getByRole("button", { name: "Do not wait" }).click();
  await expect(desk.card.getByRole("alert")).toContainText("it asks to wait for 60 s");
  portal.insteadOfToken = [busy(1)];
  await desk.giveToken();
  await expect(desk.card.locator("[data-token]")).toHaveAttribute("data-token", "accepted");
  await expect(desk.card.locator("[data-token]")).toContainText("ann");
  await expect(desk.card.locator("[data-token]")).toContainText("39 days left");
  const reloaded = await open(page);
  await expect(reloaded.card.locator("[data-token]")).toHaveAttribute("data-token", "accepted");
  const kept = await page.evaluate(() => document.documentElement.outerHTML + JSON.stringify({ ...localStorage }) + document.cookie);
  expect(kept).not.toContain("very-secret");
  expect(requests.filter((url) => url.includes("very-secret"))).toEqual([]);
});

test("an experiment is created, comes up, is extended, expires, and is terminated", async ({ page }) => {
  const desk = await openWithToken(page);
  await desk.create("bft-up");
  await desk.expectState("bft-up", "Ready");
  const card = desk.experiment("bft-up");
  await expect(card.locator('[data-machine-state="Ready"]')).toHaveCount(2);
  await expect(card).toContainText("2 of 2 machines are up");
  await expect(card).toContainText("10.10.1.2");
  await expect(card).toContainText("pc1.utah.cloudlab.us");
  await expect(card).toContainText("3 h 59 min left");
  expect(portal.seen.filter((call) => call.startsWith("POST"))).toEqual(["POST /experiments", "POST /experiments/"]);
  await picture(page, "ready");

  portal.expiresAt = Date.now() + 20 * 60_000;
  await desk.expectState("bft-up", "Expiring");
  await expect(card.locator(".until")).toContainText("19 min left");
  await picture(page, "expiring");
  await page.getByRole("link", { name: "Playground", exact: true }).click();
  await expect(page.getByText("The CloudLab experiment bft-up ends at")).toBeVisible();
  await page.getByRole("link", { name: "Extend it, or finish" }).click();
  await card.getByRole("button", { name: "Extend…" }).click();
  // What is wrong is said before anything is sent.
  await page.getByRole("dialog").getByLabel("Hours more").fill("0");
  await page.getByRole("dialog").getByRole("button", { name: "Ask for more time" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toHaveText("The extension is a whole number of hours from 1 to 168.");
  await page.getByRole("dialog").getByLabel("Hours more").fill("2");
  await page.getByRole("dialog").getByLabel("Reason").fill("more trials");
  await page.getByRole("dialog").getByRole("button", { name: "Ask for more time" }).click();
  await desk.expectState("bft-up", "Ready");
  expect(portal.bodies.at(-1)).toEqual({ extend_by: 2, reason: "more trials" });

  await card.getByRole("button", { name: "Terminate…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
  await desk.expectState("bft-up", "Ready");
  await desk.terminate("bft-up");
  await desk.expectState("bft-up", "Terminated");
  expect(portal.seen).toContain(`DELETE /experiments/${ID}`);
  await card.getByRole("button", { name: "Remove from the list" }).click();
  await expect(card).toHaveCount(0);
});

test("where the manifest has no LAN, its addresses are set by hand", async ({ page }) => {
  portal.hasLan = false;
  const desk = await openWithToken(page);
  await desk.create("bft-apart");
  await desk.expectState("bft-apart", "Ready");
  const card = desk.experiment("bft-apart");
  await expect(card).toContainText("node0, node1 are in no LAN of the experiment");
  const addresses = card.getByRole("group", { name: "Addresses in the experiment’s LAN" });
  await addresses.getByLabel("node0").fill("10.10.1");
  await addresses.getByRole("button", { name: "Set the addresses" }).click();
  await expect(addresses.getByRole("alert")).toContainText('node0: "10.10.1" is no IPv4 address');
  await picture(page, "apart");
  await addresses.getByLabel("node0").fill("10.10.1.7");
  await addresses.getByRole("button", { name: "Set the addresses" }).click();
  await expect(card).toContainText("node1 is in no LAN");
  await expect(card.locator('[data-machine="node0"]')).toContainText("10.10.1.7");
  await addresses.getByLabel("node1").fill("10.10.1.8");
  await addresses.getByRole("button", { name: "Set the addresses" }).click();
  await expect(addresses).toHaveCount(0);
  await expect(card).not.toContainText("in no LAN");
  await desk.terminate("bft-apart");
  await desk.expectState("bft-apart", "Terminated");
  await card.getByRole("button", { name: "Remove from the list" }).click();
});

test("wrong names are marked at their fields and nothing is sent", async ({ page }) => {
  const desk = await openWithToken(page);
  for (const name of ["a name", "$(reboot)", "it's", "sixteen-letters1"]) {
    await desk.create(name);
    await expect(desk.form.locator('[data-field="name"]').getByRole("alert")).toBeVisible();
  }
  await desk.form.getByLabel("Profile").fill("small-lan");
  await expect(desk.form.locator('[data-field="profile"]').getByRole("alert")).toContainText("PROJECT/NAME");
  await picture(page, "wrong");
  expect(portal.seen.filter((call) => call.startsWith("POST"))).toEqual([]);
});

test("a refused, a busy and a failing portal say so, and a machine that fails is named", async ({ page }) => {
  const desk = await openWithToken(page);
  portal.instead = [{ status: 403, body: { error: "Not enough permission" } }];
  await desk.create("bft-no");
  await expect(desk.form.getByRole("alert")).toContainText("Not enough permission");
  await expect(desk.experiment("bft-no")).toHaveCount(0);

  portal.instead = [{ status: 429, body: { error: "Load average too high: 17" }, headers: { "retry-after": "2" } }];
  portal.steps = [
    { status: "provisioning", machines: ["RELOADING", "RELOADING"] },
    { status: "failed", machines: ["ISUP", "TBFAILED"] },
  ];
  await desk.create("bft-late");
  await expect(desk.experiment("bft-late")).toContainText("Load average too high: 17");
  await desk.expectState("bft-late", "Failed");
  await expect(desk.experiment("bft-late")).toContainText("node1 (TBFAILED)");
  await picture(page, "failed");
  await desk.terminate("bft-late");
  await desk.expectState("bft-late", "Terminated");
  await desk.experiment("bft-late").getByRole("button", { name: "Remove from the list" }).click();
});

test.describe("a server that is killed", () => {
  // While it is down, the browser itself reports each failed request.
  test.use({ expectedComplaints: /net::ERR_|Failed to (fetch|load resource)|network error/i });

  test("after a restart of the server the experiment asks for the token and goes on", async ({ page }) => {
    const desk = await openWithToken(page);
    await desk.create("bft-again");
    await desk.expectState("bft-again", "Ready");
    await server().kill();
    await server().start();
    const again = await open(page);
    await again.expectState("bft-again", "Ready");
    await expect(again.card.locator("[data-token]")).toHaveAttribute("data-token", "missing");
    await again.giveToken();
    await expect(again.card.locator("[data-token]")).toHaveAttribute("data-token", "accepted");
    await again.terminate("bft-again");
    await again.expectState("bft-again", "Terminated");
  });
});
