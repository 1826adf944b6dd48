// A person reads a protocol, breaks it, sees why, and runs a protocol of their own.
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();
const COMMIT = "message: commit, quorum: 2f + 1";

test("the list names the paper of each shipped protocol and what is simplified", async ({ page, playground }) => {
  await playground.open(`${server().url}/protocols`);
  await expect(page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 3 }) })).toHaveCount(10);
  await expect(page.getByText("The trusted counter is software.")).toBeVisible();
  await page.getByRole("link", { name: "CheapBFT" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "CheapBFT" })).toBeVisible();
});

test("a commit quorum that is too small is explained, and a run that breaks agreement is found and drawn", async ({ page, playground }) => {
  await playground.open(`${server().url}/protocols/pbft`);
  const file = page.getByRole("textbox", { name: "Protocol file" });
  await expect(page.getByText("No problems found.")).toBeVisible();
  const text = await file.inputValue();
  await file.fill(text.replace(COMMIT, "message: commit, quorum: f + 1"));
  const finding = page.locator('[data-code="quorums-do-not-meet"]').first();
  await expect(finding).toContainText("two different blocks may both pass");
  await finding.click();
  await expect(file).toBeFocused();
  const selected = await file.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd));
  expect(selected).not.toBe("");

  await page.getByRole("button", { name: "Show me a run that breaks" }).click();
  const result = page.locator("[data-verdict]");
  await expect(result).toHaveAttribute("data-verdict", "Diverged", { timeout: 60_000 });
  await expect(result).toContainText(/Replica \d and replica \d executed different blocks at sequence number \d+\./);
  await expect(result).toContainText(/had commit messages from/);
  await expect(page.locator(".arrow.vote").first()).toBeAttached();
  const chart = page.getByRole("group", { name: /Message sequence chart/ });
  await chart.focus();
  await chart.press("ArrowDown");
  await expect(page.locator(".arrow.chosen")).toHaveCount(1);
  // The drawing scrolls within its card, on a telephone too.
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const card = await page.locator(".simulator").evaluate((card) => [card.scrollWidth, card.clientWidth]);
    expect(card[0]).toBeLessThanOrEqual(card[1]);
  }
});

test("a fault-free simulation passes, and one without a majority makes no progress and can be cancelled", async ({ page, playground }) => {
  await playground.open(`${server().url}/protocols/pbft`);
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.locator("[data-verdict]")).toHaveAttribute("data-verdict", "Pass", { timeout: 30_000 });
  await page.getByRole("textbox", { name: "Crashed replicas" }).fill("1, 2");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.locator("[data-verdict]")).toHaveAttribute("data-verdict", "No progress", { timeout: 60_000 });
  await page.getByRole("textbox", { name: "Crashed replicas" }).fill("9");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.getByText('"9" is no replica')).toBeVisible();
});

test("a bomb of aliases and a megabyte of text are told as what they are, and the page stays usable", async ({ page, playground }) => {
  await playground.open(`${server().url}/protocols/new`);
  const file = page.getByRole("textbox", { name: "Protocol file" });
  await file.fill("a: &a [x, x]\nb: &b [*a, *a]\nprotocol: [*b, *b]\n");
  await expect(page.locator('[data-code="alias"]')).toBeVisible();
  await file.selectText();
  await file.evaluate((area) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "# nothing\n".repeat(110_000));
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await expect(page.locator('[data-code="file-too-large"]')).toBeVisible({ timeout: 30_000 });
  await page.getByLabel("Import").setInputFiles({ name: "huge.yaml", mimeType: "text/plain", buffer: Buffer.alloc(1_200_000, "#") });
  await expect(page.getByRole("status").filter({ hasText: "huge.yaml has 1200000 bytes" })).toBeVisible();
  await page.getByLabel("Import").setInputFiles({ name: "small.yaml", mimeType: "text/plain", buffer: Buffer.from("a: 1\n") });
  await expect(page.locator('[data-code="missing-key"]')).toBeVisible();
});

test("a protocol of one's own is kept by the browser and runs for real", async ({ page, playground }) => {
  await playground.open(`${server().url}/protocols/pbft`);
  const file = page.getByRole("textbox", { name: "Protocol file" });
  await file.fill(`# Mine.\n${await file.inputValue()}`);
  await page.getByRole("button", { name: "Run this protocol" }).click();
  await expect(page.getByRole("combobox", { name: "Protocol", exact: true })).toHaveValue("own:My PBFT");
  await playground.startTrial();
  await playground.expectProgress();
  await playground.stopTrial();
  await playground.open(`${server().url}/protocols`);
  await expect(page.getByRole("link", { name: "My PBFT" })).toBeVisible();
  await page.getByRole("link", { name: "My PBFT" }).click();
  await expect(page.getByRole("textbox", { name: "Protocol file" })).toHaveValue(/^# Mine\./);
});
