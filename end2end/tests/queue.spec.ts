// Trials that wait for their turn.
import { expect, test } from "../support/fixtures";

test("a queue of trials is seen, reordered and cancelled, and its next one starts by itself", async ({ playground, page }) => {
  await playground.startTrial("first");
  const queue = page.getByRole("region", { name: /wait/ });
  await expect(queue).toBeHidden();
  for (const name of ["second", "third", "fourth"]) {
    await playground.trialName.fill(name);
    await playground.start.click();
    await expect(queue.getByRole("link", { name })).toBeVisible();
  }
  await expect(queue.getByRole("heading")).toHaveText("3 trials wait");
  await queue.getByRole("button", { name: "Run fourth next" }).click();
  await expect(queue.getByRole("listitem").first()).toContainText("fourth");
  await page.screenshot({ path: test.info().outputPath("queue.png") });
  for (const name of ["second", "third"]) {
    await queue.getByRole("button", { name: `Cancel ${name}` }).click();
    await expect(queue.getByRole("link", { name })).toBeHidden();
  }
  await playground.stop.click();
  await expect(page.locator(".status-line .shown")).toHaveText("fourth", { timeout: 60_000 });
  await expect(queue).toBeHidden();
  await playground.expectState("Running", { timeout: 60_000 });
  await playground.expectProgress();
  await playground.stopTrial();
});
