import { defineConfig } from "@playwright/test";
import { chromium } from "../support/browser";

// Figures, not tests: `make measure`. Nothing here passes or fails by how long something takes.
export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 600_000,
  outputDir: "../results/measure",
  reporter: [["line"]],
  use: { ...chromium, viewport: { width: 1440, height: 900 } },
});
