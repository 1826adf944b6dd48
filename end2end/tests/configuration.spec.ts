// A person edits the configuration as a form and as its text, finds keys, keeps configurations under names, and uses presets.
import { type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expect, test, useServer } from "../support/fixtures";
import { Playground } from "../support/playground";

const server = useServer();
const TIMER = "fault.slow-proposal.timer";

test.beforeEach(async ({ playground }) => {
  await playground.open(server().url);
});

class Configuration {
  constructor(readonly page: Page) {}

  get yaml() {
    return this.page.getByRole("textbox", { name: "Configuration as YAML" });
  }

  get search() {
    return this.page.getByRole("searchbox", { name: "Search settings" });
  }

  get changes() {
    return this.page.locator("[data-changes]");
  }

  get dialog() {
    return this.page.getByRole("dialog", { name: "Configurations" });
  }

  async show(pane: "Form" | "YAML") {
    await this.page.getByRole("group", { name: "How the configuration is shown" }).getByRole("button", { name: pane }).click();
  }

  async openLibrary() {
    await this.page.locator(".library-open").click();
    await expect(this.dialog).toBeVisible();
  }

  async choose(name: string) {
    await this.dialog.getByRole("button", { name, exact: true }).click();
    await expect(this.dialog.getByRole("heading", { level: 3, name })).toBeVisible();
  }

  async use(name: string) {
    await this.openLibrary();
    await this.choose(name);
    await this.dialog.getByRole("button", { name: "Use it" }).click();
    await expect(this.dialog).toBeHidden();
  }

  async save(name: string) {
    await this.openLibrary();
    await this.dialog.getByRole("textbox", { name: "Save what is edited now as" }).fill(name);
    await this.dialog.getByRole("button", { name: /^(Save|Replace)$/ }).click();
    await expect(this.dialog.getByText(`“${name}” is saved.`)).toBeVisible();
    await this.page.keyboard.press("Escape");
    await expect(this.dialog).toBeHidden();
  }

  shownKeys() {
    return this.page.locator(".field:visible");
  }
}

test("a person changes a field and finds it in the YAML, with its comment, and the other way round", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  await playground.setting("Slow-proposal timer").fill("40");
  await configuration.show("YAML");
  const text = await configuration.yaml.inputValue();
  expect(text).toMatch(/^ {4}timer: 40 # live; ms; a slow leader/m);
  expect(text).toContain("# The default experiment.");
  await configuration.yaml.fill(text.replace("timer: 40 #", "timer: 60 #").replace(/^( +f: )1 #/m, "$12 #") + "\n# my own note\n");
  await configuration.show("Form");
  await expect(playground.setting("Slow-proposal timer")).toHaveValue("60");
  await expect(playground.field("general.f")).toHaveAttribute("data-changed", "true");
  await expect(configuration.changes).toHaveText("2 changes");
  await playground.setting("Slow-proposal timer").fill("80");
  await configuration.show("YAML");
  await expect(configuration.yaml).toHaveValue(/timer: 80 # live; ms[^]*# my own note\n$/);
});

test("a mistake in the YAML is shown at its line, nothing is lost, and Start waits until it is mended", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  await configuration.show("YAML");
  const text = await configuration.yaml.inputValue();
  const wrong = text.replace("  f: 1 #", "  f: [1 #");
  await configuration.yaml.fill(wrong);
  const finding = page.locator('.editor [data-code="not-yaml"]');
  await expect(finding).toContainText(/line \d+, column \d+/);
  await finding.click();
  await expect(configuration.yaml).toBeFocused();
  await expect(page.locator(".editor .gutter .error")).toHaveCount(1);
  await configuration.show("Form");
  await expect(page.getByRole("alert").filter({ hasText: "The form shows what it said before." })).toBeVisible();
  await expect(playground.setting("Slow-proposal timer")).toBeDisabled();
  await playground.start.click();
  await expect(page.getByRole("alert").filter({ hasText: "mend it first" })).toBeVisible();
  expect(server().units()).toEqual([]);
  await page.getByRole("button", { name: "Go to the line" }).click();
  await expect(configuration.yaml).toHaveValue(wrong);
  await expect(configuration.yaml).toBeFocused();
  // A value out of its range has a place, too.
  await configuration.yaml.fill(text.replace("timer: 0 #", "timer: 70000 #"));
  await expect(page.locator('.editor [data-code="value"]')).toContainText("70000 is out of range: 0 to 60000");
  await configuration.show("Form");
  await expect(playground.fieldError(TIMER)).toContainText("60000");
  await configuration.show("YAML");
  await configuration.yaml.fill(text);
  await expect(page.locator(".editor").getByText("No problems found.")).toBeVisible();
  await configuration.show("Form");
  await expect(configuration.changes).toHaveText("No changes");
});

test("what a running trial does not take is told in the YAML with its reason, at its line, until the value is another one", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  await playground.startTrial();
  await configuration.show("YAML");
  const text = await configuration.yaml.inputValue();
  const crash = "affected-entities: [9]";
  const wrong = text.replace("affected-entities: [] # live; replicas whose processes are killed", `${crash} # mine`);
  await configuration.yaml.fill(wrong);
  await expect(configuration.changes).toHaveText("1 change");
  await playground.update.click();
  const line = wrong.slice(0, wrong.indexOf(crash)).split("\n").length;
  const finding = page.locator('.editor [data-code="refused"]');
  await expect(finding).toContainText(`line ${line},`);
  await expect(finding).toContainText("There is no replica 9: there are replicas 0 to 3 (fault.crash.affected-entities).");
  await expect(page.locator(".editor").getByText("No problems found.")).toBeHidden();
  await page.screenshot({ path: "screenshots/configuration-refused.png" });
  await configuration.show("Form");
  await expect(playground.fieldError("fault.crash.affected-entities")).toContainText("There is no replica 9");
  await configuration.show("YAML");
  await configuration.yaml.fill(wrong.replace(crash, "affected-entities: [2]"));
  await expect(finding).toBeHidden();
  await playground.update.click();
  await expect(page.getByText(/^Version \d+ sent$/)).toBeVisible();
});

test("a person searches all keys with /, and sees only what is changed", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  await page.keyboard.press("/");
  await expect(configuration.search).toBeFocused();
  await page.keyboard.type("block size");
  await expect(playground.field("benchmark.block-size")).toBeVisible();
  await expect(playground.field(TIMER)).toBeHidden();
  await expect(page.getByText(/^\d+ of \d+ keys$/)).toBeVisible();
  await playground.setting("Block size").fill("20");
  await configuration.search.fill("timer slow");
  await expect(playground.field(TIMER)).toBeVisible();
  await configuration.search.fill("xyzzy");
  await expect(page.getByText("No key has “xyzzy” in its name or explanation.")).toBeVisible();
  await configuration.search.fill("");
  await page.getByRole("button", { name: /^Only changed/ }).click();
  await expect(configuration.shownKeys()).toHaveCount(1);
  await expect(playground.field("benchmark.block-size")).toBeVisible();
  await page.getByRole("button", { name: "Reset Block size" }).click();
  await expect(page.getByText("Nothing is changed.")).toBeVisible();
  await page.getByRole("button", { name: /^Only changed/ }).click();
  await expect(playground.field(TIMER)).toBeVisible();
});

test("a preset says what it changes before it is used, is taken back, and done again", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  await configuration.openLibrary();
  await configuration.choose("BFTBrain dynamic 5");
  const dialog = configuration.dialog;
  await expect(dialog).toContainText("so the timer is 100 ms");
  await expect(dialog.locator(`[data-difference="${TIMER}"]`)).toContainText(/0\s*→\s*becomes\s*100/);
  await expect(dialog.locator(`[data-difference="${TIMER}"] [data-when]`)).toHaveAttribute("data-when", "live");
  await expect(dialog.locator('[data-difference="general.f"] [data-when]')).toHaveAttribute("data-when", "next-start");
  // Looking changes nothing.
  await page.keyboard.press("Escape");
  await expect(configuration.changes).toHaveText("No changes");
  await configuration.use("BFTBrain dynamic 5");
  await expect(playground.setting("Slow-proposal timer")).toHaveValue("100");
  await expect(configuration.changes).toHaveText(/^[1-9]\d* changes$/);
  await page.getByRole("button", { name: "Undo: BFTBrain dynamic 5" }).click();
  await expect(configuration.changes).toHaveText("No changes");
  await page.getByRole("button", { name: "Redo: BFTBrain dynamic 5" }).click();
  await expect(playground.setting("Slow-proposal timer")).toHaveValue("100");
  await page.getByRole("button", { name: "Reset all" }).click();
  await expect(configuration.changes).toHaveText("No changes");
});

test("a trial runs what the preset says, and the live part of another one goes to it with Update", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  await configuration.use("BFTBrain static 1");
  await playground.startTrial("static 1");
  await playground.expectProgress();
  await expect(configuration.changes).toHaveText("No changes");
  await configuration.openLibrary();
  await configuration.choose("BFTBrain static 8");
  await expect(configuration.dialog).toContainText(/\d+ keys change at the next start; \d+ of them can go to the running trial/);
  await configuration.dialog.getByRole("button", { name: "Use it" }).click();
  await playground.update.click();
  await playground.expectApplied(1);
  await expect(playground.setting("Slow-proposal timer")).toHaveValue("40");
  await expect(configuration.changes).toHaveText("No changes");
  // Keys that wait for the next start say so, and why.
  await configuration.search.fill("general.f");
  await expect(playground.field("general.f")).toContainText("Takes effect at the next start: it sets the number of replicas.");
  await expect(playground.field("general.f").locator('[data-when="next-start"]')).toBeVisible();
  await playground.stopTrial();
  await page.getByRole("link", { name: "static 1" }).first().click();
  const clients = page.getByRole("row").filter({ hasText: "benchmark.closed-loop.num-client" });
  await expect(clients).toContainText("50");
});

test("a configuration is saved under a name, seen in another tab, renamed, exported, imported and deleted", async ({ playground, page, context }) => {
  const configuration = new Configuration(page);
  await playground.setting("Slow-proposal timer").fill("7");
  await configuration.show("YAML");
  await configuration.yaml.fill(`# Mine.\n${await configuration.yaml.inputValue()}`);
  await configuration.save("seven");

  const other = new Playground(await context.newPage());
  await other.open(server().url);
  const there = new Configuration(other.page);
  await there.use("seven");
  await expect(other.setting("Slow-proposal timer")).toHaveValue("7");
  await there.show("YAML");
  await expect(there.yaml).toHaveValue(/^# Mine\.\n/);

  await configuration.openLibrary();
  await configuration.choose("seven");
  await configuration.dialog.getByRole("button", { name: "Rename" }).click();
  await configuration.dialog.getByRole("textbox", { name: "New name" }).fill("seven ms");
  await page.keyboard.press("Enter");
  await expect(configuration.dialog.getByRole("button", { name: "seven ms" })).toBeVisible();
  await there.openLibrary();
  await expect(there.dialog.getByRole("button", { name: "seven ms" })).toBeVisible();
  await other.page.close();

  await configuration.choose("seven ms");
  const download = page.waitForEvent("download");
  await configuration.dialog.getByRole("button", { name: "Export", exact: true }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("seven-ms-configuration.yaml");
  const text = readFileSync((await file.path())!, "utf8");
  expect(text).toMatch(/^# Mine\.\n[^]*timer: 7 # live/);

  await configuration.dialog.getByRole("button", { name: "Delete" }).click();
  await expect(configuration.dialog.getByText("“seven ms” was deleted.")).toBeVisible();
  await expect(configuration.dialog.getByRole("button", { name: "seven ms" })).toHaveCount(0);
  await configuration.dialog.getByRole("button", { name: "Undo" }).click();
  await expect(configuration.dialog.getByRole("button", { name: "seven ms" })).toBeVisible();
  await configuration.choose("seven ms");
  await configuration.dialog.getByRole("button", { name: "Delete" }).click();

  const edited = text.replace("timer: 7 #", "timer: 9 #");
  await configuration.dialog.getByLabel("Import a file").setInputFiles({ name: "nine.yaml", mimeType: "text/plain", buffer: Buffer.from(edited) });
  await expect(configuration.dialog.locator(`[data-difference="${TIMER}"]`)).toContainText("9");
  await configuration.dialog.getByRole("button", { name: "Use it" }).click();
  await expect(playground.setting("Slow-proposal timer")).toHaveValue("9");
});

test("the main loop stays on one screen with the YAML open, light and dark", async ({ playground, page }) => {
  const configuration = new Configuration(page);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await configuration.show("Form");
    await page.screenshot({ path: `screenshots/configuration-form-${scheme}.png` });
    await configuration.openLibrary();
    await configuration.choose("BFTBrain dynamic 4");
    await page.screenshot({ path: `screenshots/configuration-presets-${scheme}.png` });
    await page.keyboard.press("Escape");
    await configuration.show("YAML");
    await expect(configuration.yaml).toBeVisible();
    await expect(playground.start).toBeInViewport();
    await expect(playground.chart("throughput")).toBeInViewport();
    await expect(playground.update).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight)).toBeLessThanOrEqual(0);
    await page.screenshot({ path: `screenshots/configuration-yaml-${scheme}.png` });
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("a person uses a preset and edits the YAML without anything cut off", async ({ playground, page }) => {
    const configuration = new Configuration(page);
    await configuration.openLibrary();
    await configuration.choose("BFTBrain static 4");
    await page.screenshot({ path: "screenshots/configuration-presets-phone.png" });
    await configuration.dialog.getByRole("button", { name: "Use it" }).click();
    await expect(playground.field("fault.in-dark.generator").getByRole("checkbox")).toBeChecked();
    await configuration.show("YAML");
    await expect(configuration.yaml).toHaveValue(/generator: true # live/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await configuration.yaml.scrollIntoViewIfNeeded();
    await page.screenshot({ path: "screenshots/configuration-yaml-phone.png" });
  });
});
