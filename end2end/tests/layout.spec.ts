import type { Page } from "@playwright/test";
import { expect, test, useServer } from "../support/fixtures";

const server = useServer();

async function expectNothingCutOff(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    // What scrolls inside its own box, such as a wide table, is meant to.
    const scrolls = (element: Element | null): boolean =>
      element !== null && element !== document.documentElement && element !== document.body &&
      (/auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const wide = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element.parentElement))
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class")}`);
    return { page: document.documentElement.scrollWidth - width, wide };
  });
  expect(overflow).toEqual({ page: 0, wide: [] });
}

async function picture(page: Page, name: string): Promise<void> {
  const project = test.info().project.name;
  // What sticks to the top of the window belongs to the top of the picture.
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `screenshots/${name}-${project}.png`, fullPage: true });
}

for (const scheme of ["light", "dark"] as const) {
  test(`every page fits and has its own colours in ${scheme}`, async ({ playground, page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await playground.open(server().url);
    await expectNothingCutOff(page);
    await picture(page, `idle-${scheme}`);

    const brightness = await page.evaluate(() => {
      const painted = [document.body, document.documentElement].map((element) => getComputedStyle(element).backgroundColor);
      const colour = painted.find((text) => !/^(transparent|rgba\(0, 0, 0, 0\))$/.test(text)) ?? "rgb(255, 255, 255)";
      const canvas = document.createElement("canvas").getContext("2d")!;
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
      return (red + green + blue) / 3;
    });
    if (scheme === "light") expect(brightness).toBeGreaterThan(128);
    else expect(brightness).toBeLessThan(128);

    await playground.startTrial(`in the ${scheme}`);
    await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(20);
    await playground.setting("Slow-proposal timer").fill("40");
    await playground.update.click();
    await playground.expectApplied(1);
    await expect.poll(() => playground.points("throughput"), { timeout: 30_000 }).toBeGreaterThan(40);
    await expectNothingCutOff(page);
    await picture(page, `running-${scheme}`);

    await playground.setting("Slow-proposal timer").fill("70000");
    await expect(playground.fieldError("fault.slow-proposal.timer")).toBeVisible();
    await expectNothingCutOff(page);
    await picture(page, `error-${scheme}`);
    await playground.stopTrial();

    await playground.open(`${server().url}/trials`);
    await expectNothingCutOff(page);
    await picture(page, `trials-${scheme}`);
    await page.getByRole("link", { name: `in the ${scheme}` }).first().click();
    await playground.expectState("Finished");
    await expectNothingCutOff(page);
    await picture(page, `trial-${scheme}`);
  });
}
