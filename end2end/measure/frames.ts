// How long the page works for a frame: from its first animation callback until the browser is free again, with script,
// style, layout and paint in between. Frames in which nothing was drawn count, too. And how long it is from one frame to the
// next, which is all that can be said while somebody turns a wheel: Chromium then lets everything else wait.
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    frameWorks: number[];
    frameGaps: number[];
  }
}

/** Has the pages that are opened from now on measure their frames. */
export async function watchFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.frameWorks = [];
    window.frameGaps = [];
    const ask = window.requestAnimationFrame.bind(window);
    let began = 0;
    const begin = () => {
      if (began === 0) began = performance.now();
    };
    window.requestAnimationFrame = (callback) =>
      ask((time) => {
        begin();
        callback(time);
      });
    // A message that is sent while a frame is made arrives when it has been made.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      window.frameWorks.push(performance.now() - began);
      began = 0;
    };
    let last = performance.now();
    const frame = () => {
      begin();
      window.frameGaps.push(performance.now() - last);
      last = performance.now();
      channel.port2.postMessage(0);
      ask(frame);
    };
    ask(frame);
  });
}

/** The frames made while something is done, ms each. */
export async function framesOf(page: Page, doing: () => Promise<void>): Promise<number[]> {
  const from = await page.evaluate(() => window.frameWorks.length);
  await doing();
  return page.evaluate((from) => window.frameWorks.slice(from), from);
}

/** From frame to frame while something is done, ms each. */
export async function gapsOf(page: Page, doing: () => Promise<void>): Promise<number[]> {
  const from = await page.evaluate(() => window.frameGaps.length);
  await doing();
  return page.evaluate((from) => window.frameGaps.slice(from), from);
}
