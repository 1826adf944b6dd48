import { defineConfig } from "@playwright/test";
import { chromium } from "./support/browser";

// One real cluster at a time: the machine's cores belong to the trial that a test watches.
export default defineConfig({
  testDir: "tests",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  // A run that hangs ends, and its report says so.
  globalTimeout: 30 * 60_000,
  expect: { timeout: 15_000 },
  outputDir: "results/artefacts",
  reporter: [["list"], ["json", { outputFile: "results/report.json" }]],
  use: {
    ...chromium,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1440, height: 900 } } },
    { name: "phone", use: { viewport: { width: 390, height: 844 } }, testMatch: "layout.spec.ts" },
  ],
});
