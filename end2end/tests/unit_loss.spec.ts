import { expect, test, useServer } from "../support/fixtures";
import { UNITS } from "../support/playground";

const server = useServer();

test.beforeEach(async ({ playground }) => {
  await playground.open(server().url);
});

test("a killed replica is named with the reason, and the others go on", async ({ playground, page }) => {
  await playground.startTrial("three are enough");
  await playground.expectProgress();
  const victim = UNITS.replica(3);
  await server().killUnit(victim);
  await expect(playground.unit(victim)).toHaveAttribute("data-health", "died");
  await expect(page.getByText(/replica 3 was killed by signal 9/i).first()).toBeVisible();
  // The default protocol tolerates one faulty replica.
  await playground.expectState("Running");
  await playground.expectProgress();
  for (const unit of UNITS.all.filter((other) => other !== victim)) {
    await expect(playground.unit(unit)).toHaveAttribute("data-health", "up");
  }
  await playground.stopTrial();
  await server().expectNoUnits();
});

test("a killed client is named with the reason", async ({ playground, page }) => {
  await playground.startTrial("nobody asks");
  await playground.expectProgress();
  await server().killUnit(UNITS.client);
  await expect(playground.unit(UNITS.client)).toHaveAttribute("data-health", "died");
  await expect(page.getByText(/client was killed by signal 9/i).first()).toBeVisible();
});

test("a killed controller fails the trial with the reason and leaves no worker", async ({ playground, page }) => {
  await playground.startTrial("headless");
  await playground.expectProgress();
  expect(server().units()).toHaveLength(6);
  await server().killUnit(UNITS.controller);
  await server().expectNoUnits();
  await playground.expectState("Failed");
  await expect(page.getByText(/controller was killed by signal 9/i).first()).toBeVisible();
  // The way is free for the next one.
  await playground.startTrial("next");
  await playground.expectProgress();
  await playground.stopTrial();
});
