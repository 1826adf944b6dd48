// The browser that the set-up found or installed; without it, Playwright's own.
export const chromium = {
  browserName: "chromium" as const,
  launchOptions: {
    executablePath: process.env.BFTGYM_CHROMIUM || undefined,
    // No sandbox: tests run as root in containers. The rest keeps the browser from calling home.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  },
};
