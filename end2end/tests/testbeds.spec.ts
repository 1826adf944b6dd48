// Testbeds of other hosts in the page: described, checked, chosen, taken out and in as files.
import { readFile } from "node:fs/promises";
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();

test("a person describes hosts, is told what is wrong with them, and chooses them beside Start", async ({ playground, page }) => {
  await playground.open(`${server().url}/testbeds`);
  await page.getByRole("button", { name: "New testbed" }).click();
  const form = page.getByRole("form", { name: "Testbed" });
  // What is wrong with a field is read out with its name.
  const field = (name: string) => form.getByRole("textbox", { name: new RegExp(`^${name}`) });
  await field("Name").fill("two words");
  await field("Address").fill("127.0.0.1");
  await field("User").fill("$(id)");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByText(/use letters, digits and dashes only/)).toBeVisible();
  await expect(form.getByText(/a user's name cannot have/)).toBeVisible();
  await field("Name").fill("lab");
  await field("User").fill("nobody");
  await expect(form.getByRole("alert")).toHaveCount(0);
  // Nothing listens there.
  await field("Port").fill("1");
  await form.getByRole("button", { name: "Save" }).click();
  const card = page.getByRole("region", { name: "lab", exact: true });
  await expect(card).toBeVisible();
  await card.getByRole("button", { name: "Check" }).click();
  await expect(card.getByText(/cannot be reached/)).toBeVisible({ timeout: 30_000 });
  await expect(card.getByText(/start an SSH server there, or correct the port/)).toBeVisible();
  await expect(card.getByText("0 of 1 hosts ready")).toBeVisible();
  await page.screenshot({ path: test.info().outputPath("testbeds.png"), fullPage: true });
  // One testbed is edited at a time.
  await card.getByRole("button", { name: "Edit" }).click();
  await expect(card.getByRole("button", { name: "Edit" })).toBeDisabled();
  await form.getByRole("button", { name: "Discard" }).click();
  await expect(card.getByRole("button", { name: "Edit" })).toBeEnabled();

  const download = page.waitForEvent("download");
  await card.getByRole("button", { name: "Export" }).click();
  const file = await (await download).path();
  expect(await readFile(file, "utf8")).toContain("address: 127.0.0.1");

  // A trial there fails with what is in the way, and the playground shows it.
  await playground.open(server().url);
  await page.getByRole("combobox", { name: "Testbed" }).selectOption("lab");
  await playground.trialName.fill("far away");
  await playground.start.click();
  await playground.expectState("Failed", { timeout: 60_000 });
  await expect(page.getByRole("alert").filter({ hasText: /This trial failed: 127.0.0.1:1 cannot be reached/ })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath("failed.png") });

  await playground.open(`${server().url}/testbeds`);
  await card.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(card).toBeHidden();
  await page.getByLabel("Testbed file").setInputFiles(file);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(card).toBeVisible();
  await card.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(card).toBeHidden();
});
