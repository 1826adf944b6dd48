// How long a person waits: click on Start to the first sample on the chart, click on Update until every unit has the
// patch in force, opening the page until it answers to clicks; and how large the page is.
import { test } from "@playwright/test";
import { readFileSync, readdirSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { Playground } from "../support/playground";
import { Server } from "../support/server";
import { summary } from "./figures";

const TRIALS = 5;
const UPDATES = 4;

// Clicks and watches inside the page, frame by frame, so that the test runner's own delays are not measured. The chart of
// the trial before does not count: the page must have been below the mark since the click.
const clickUntil = (page: Playground["page"], button: string, selector: string, attribute: string, least: number) =>
  page.evaluate(
    ({ button, selector, attribute, least }) =>
      new Promise<number>((done) => {
        const reached = () => {
          const elements = [...document.querySelectorAll(selector)];
          return elements.length > 0 && elements.every((element) => Number(element.getAttribute(attribute)) >= least);
        };
        const target = [...document.querySelectorAll("button")].find((element) => element.textContent?.trim().startsWith(button))!;
        const started = performance.now();
        // A patch may be in force before the next frame, so the page counts as below the mark from the click on if it is then.
        let below = !reached();
        const look = () => {
          if (below && reached()) return done(performance.now() - started);
          below ||= !reached();
          requestAnimationFrame(look);
        };
        target.click();
        requestAnimationFrame(look);
      }),
    { button, selector, attribute, least },
  );

test("figures of the page", async ({ page }) => {
  const server = new Server("measure");
  await server.start();
  const playground = new Playground(page);
  const [opened, started, updated] = [[], [], []] as number[][];
  for (let trial = 1; trial <= TRIALS; trial += 1) {
    const before = Date.now();
    await playground.open(server.url);
    opened.push(Date.now() - before);
    await playground.trialName.fill(`measurement ${trial}`);
    started.push(await clickUntil(page, "Start", '[data-chart="throughput"]', "data-points", 1));
    await playground.expectProgress();
    for (let version = 1; version <= UPDATES; version += 1) {
      await playground.setting("Slow-proposal timer").fill(String(version));
      updated.push(await clickUntil(page, "Update", "[data-unit]", "data-applied", version));
    }
    await playground.stopTrial();
  }
  await server.stop();

  const folder = new URL("../../target/site/pkg/", import.meta.url);
  const size = (names: string[]) => {
    const files = names.map((name) => readFileSync(new URL(name, folder)));
    const sum = (count: (file: Buffer) => number) => kilobytes(files.reduce((all, file) => all + count(file), 0));
    return `${sum((file) => file.length)}, brotli ${sum((file) => brotliCompressSync(file).length)}`;
  };
  const code = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  console.log(
    [
      "",
      summary("opening the page until it is interactive", opened),
      summary("click on Start to the first sample on the chart", started),
      summary("click on Update until it is in force on all units, as the page shows it", updated),
      `WebAssembly of the first page: ${size(["bftgym.wasm"])}; of all pages together, ${code.length} files: ${size(code)}`,
    ].join("\n"),
  );
});
