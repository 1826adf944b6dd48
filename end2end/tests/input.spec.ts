import { expect, test, useServer } from "../support/fixtures";
import type { Playground } from "../support/playground";

const server = useServer();
const KEY = "fault.slow-proposal.timer";

test.beforeEach(async ({ playground }) => {
  await playground.open(server().url);
});

// What the page asks the server to do, as against what it only reads.
function watchChanges(playground: Playground): () => string[] {
  const sent: string[] = [];
  playground.page.on("request", (request) => {
    if (/\/(start|update)\d*$/.test(new URL(request.url()).pathname)) sent.push(request.url());
  });
  return () => sent;
}

async function pressIfEnabled(button: Playground["update"]): Promise<void> {
  if (await button.isEnabled()) await button.click();
}

test("a value out of range shows its error at the field and is not sent", async ({ playground }) => {
  await playground.startTrial("wrong values");
  await playground.expectProgress();
  const changes = watchChanges(playground);
  await playground.setting("Slow-proposal timer").fill("70000");
  await expect(playground.fieldError(KEY)).toContainText("60");
  await pressIfEnabled(playground.update);
  await playground.expectProgress();
  await expect(playground.fieldError(KEY)).toBeVisible();
  expect(changes()).toEqual([]);
  await playground.expectApplied(0);
  // A right value takes the error away and goes through.
  await playground.setting("Slow-proposal timer").fill("20");
  await expect(playground.fieldError(KEY)).toHaveCount(0);
  await playground.update.click();
  await playground.expectApplied(1);
  expect(changes()).toHaveLength(1);
  await playground.stopTrial();
});

test("a wrong value keeps Start from starting", async ({ playground }) => {
  const changes = watchChanges(playground);
  await playground.setting("Slow-proposal timer").fill("-1");
  await expect(playground.fieldError(KEY)).toBeVisible();
  await pressIfEnabled(playground.start);
  await expect(playground.fieldError(KEY)).toBeVisible();
  expect(changes()).toEqual([]);
  expect(server().units()).toEqual([]);
});

for (const name of ["a/b/../c", `it's "quoted" <b>&amp;`, "🚀 schnell & größer 比較"]) {
  test(`a trial may be called ${name}`, async ({ playground, page }) => {
    await playground.startTrial(name);
    await playground.expectProgress();
    await playground.stopTrial();
    await playground.open(`${server().url}/trials`);
    await page.getByRole("link", { name }).first().click();
    await playground.expectState("Finished");
    await expect(page.getByText(name).first()).toBeVisible();
  });
}

test("a name of 10,000 characters is refused with the reason, and nothing starts", async ({ playground, page }) => {
  await playground.trialName.fill("x".repeat(10_000));
  await pressIfEnabled(playground.start);
  await expect(page.getByRole("alert").filter({ hasText: "200" }).first()).toBeVisible();
  expect(server().units()).toEqual([]);
});

test("an address of a trial that does not exist says so", async ({ playground, page }) => {
  await playground.open(`${server().url}/trials/999999`);
  await expect(page.getByText(/999999/).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Trials", exact: true }).first()).toBeVisible();
});
