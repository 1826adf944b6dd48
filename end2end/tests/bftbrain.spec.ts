// The Java framework as the page offers it, with a checkout that looks built and a Java that only complains.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Cluster } from "../support/cluster";
import { expect, test, useServer } from "../support/fixtures";
import { expectAxeFindsNothing } from "../support/quality";

const folder = mkdtempSync(join(tmpdir(), "bftgym-bftbrain-"));
const [checkout, home] = [join(folder, "BFTBrain"), join(folder, "jdk")];

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

put(join(checkout, "code/target/classes/com/gbft/framework/coordination/CoordinatorServer.class"), "");
mkdirSync(join(checkout, "code/target/dependency"), { recursive: true });
for (const protocol of ["pbft", "zyzzyva", "cheapbft", "prime", "sbft", "hotstuff"]) put(join(checkout, `config/config.${protocol}.yaml`), "");
put(join(home, "bin/java"), "#!/bin/sh\necho 'has been compiled by a more recent version (class file version 65.0)' >&2\nexit 1\n");
chmodSync(join(home, "bin/java"), 0o755);

const server = useServer(() => ["--bftbrain-checkout", checkout, "--bftbrain-java-home", home]);
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a person chooses BFTBrain: what it cannot do is greyed out with the reason, and comes back with the other engine", async ({ playground, page }) => {
  const cluster = new Cluster(page);
  await playground.open(server().url);
  const engine = page.getByRole("combobox", { name: "Engine", exact: true });
  const crashed = playground.field("fault.crash.affected-entities");
  await expect(crashed.getByRole("textbox")).toBeEnabled();

  await engine.selectOption("bftbrain");
  await expect(crashed.getByRole("textbox")).toBeDisabled();
  await expect(crashed).toContainText("No effect with BFTBrain");
  await expect(playground.setting("Slow-proposal timer")).toBeEnabled();
  await cluster.choose(0);
  await expect(cluster.button("Crash")).toBeDisabled();
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `screenshots/bftbrain-${scheme}.png` });
    await expectAxeFindsNothing(page, `BFTBrain, ${scheme}`);
  }

  await engine.selectOption("native");
  await expect(crashed.getByRole("textbox")).toBeEnabled();
  await expect(cluster.button("Crash")).toBeEnabled();
});

test("a Java that cannot run it fails the trial with its last words, and leaves nothing running", async ({ playground, page }) => {
  await playground.open(server().url);
  await page.getByRole("combobox", { name: "Engine", exact: true }).selectOption("bftbrain");
  await playground.trialName.fill("the wrong Java");
  await playground.start.click();
  await playground.expectState("Failed", { timeout: 60_000 });
  await expect(page.getByText(/This trial failed: .*class file version 65/).first()).toBeVisible();
  await page.screenshot({ path: "screenshots/bftbrain-failed.png" });
  await server().expectNoUnits();
});
