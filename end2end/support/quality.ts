// What every page owes to everybody: nothing for axe to find, nothing that jumps, nothing that the content security policy
// forbids, a visible focus.
import { type Page, expect } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Watched {
  shifts: { value: number; what: string[] }[];
  violations: string[];
}

declare global {
  interface Window {
    watched: Watched;
    axe: { run(context: Document, options: object): Promise<{ violations: { id: string; nodes: { target: unknown[]; failureSummary: string }[] }[] }> };
  }
}

/** Has every page from now on write down what jumps and what its policy forbids. */
export async function watchQuality(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.watched = { shifts: [], violations: [] };
    document.addEventListener("securitypolicyviolation", (event) => {
      window.watched.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node }[] };
    const name = (node?: Node) => (node instanceof Element ? `${node.tagName.toLowerCase()}.${node.getAttribute("class")}` : String(node?.nodeName));
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) {
        if (!entry.hadRecentInput) window.watched.shifts.push({ value: entry.value, what: entry.sources.map((source) => name(source.node)) });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** Cumulative layout shift since the page was opened: what moved by itself, as a share of the window. */
export async function expectNothingJumped(page: Page, where: string): Promise<void> {
  const shifts = await page.evaluate(() => window.watched.shifts);
  const total = shifts.reduce((sum, shift) => sum + shift.value, 0);
  expect(total, `layout shift of ${where}: ${JSON.stringify(shifts)}`).toBeLessThan(0.01);
}

export async function expectNothingForbidden(page: Page, where: string): Promise<void> {
  expect(await page.evaluate(() => window.watched.violations), `policy violations of ${where}`).toEqual([]);
}

/** The policy forbids scripts of others in the page: axe comes in through the browser's debugging interface. */
export async function expectAxeFindsNothing(page: Page, where: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target.join(" ")}: ${node.failureSummary}`));
  });
  expect.soft(found, `what axe finds in ${where}`).toEqual([]);
}

/** Walks through the page with the Tab key: each stop can be seen, and shows that it has the focus. */
export async function walkThrough(page: Page, steps = 400): Promise<string[]> {
  const seen: string[] = [];
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let step = 0; step < steps; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      // A replica in the circle has a dashed halo.
      const halo = element.querySelector(":scope > .halo");
      const drawn = halo !== null && getComputedStyle(halo).strokeDasharray !== "none";
      const ring = drawn || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
      const again = element.hasAttribute("data-walked");
      element.setAttribute("data-walked", "");
      const label = element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40) ?? "";
      return { name: `${element.tagName.toLowerCase()} ${label}`, ring, again, size: box.width * box.height, inside: box.bottom > 0 && box.top < innerHeight };
    });
    if (!stop || stop.again) break;
    expect(stop, `focus on ${stop.name}`).toMatchObject({ ring: true, inside: true });
    expect(stop.size, `size of ${stop.name}`).toBeGreaterThan(0);
    seen.push(stop.name);
  }
  return seen;
}
