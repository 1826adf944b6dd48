// What every browser test starts from: a server for its file, a page that must not complain, nothing left at the end.
import { test as base, expect } from "@playwright/test";
import { basename } from "node:path";
import { Playground } from "./playground";
import { Server } from "./server";

interface Fixtures {
  /** Console messages that a test provokes, such as refused connections while the server is down; none by default. */
  expectedComplaints: RegExp;
  complaints: void;
  playground: Playground;
}

export const test = base.extend<Fixtures>({
  expectedComplaints: [/(?!)/, { option: true }],

  complaints: [
    async ({ context, expectedComplaints }, use) => {
      const complaints: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") {
          complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
        }
      });
      context.on("weberror", (failure) => complaints.push(String(failure.error())));
      await use();
      const unexpected = complaints.filter((complaint) => !expectedComplaints.test(complaint));
      expect(unexpected, "errors and warnings in the browser's console").toEqual([]);
    },
    { auto: true },
  ],

  playground: async ({ page }, use) => {
    await use(new Playground(page));
  },
});

/** Gives a test file its own server, and checks at the end that nothing of it is left and nothing in it broke. Call it once, at the top. */
export function useServer(options?: () => string[]): () => Server {
  let server: Server;
  test.beforeAll(async ({}, info) => {
    server = new Server(`${basename(info.file, ".spec.ts")}-${info.project.name}`, options);
    await server.start();
  });
  // A trial that a failed test left running would keep the next test from starting one.
  test.afterEach(async ({ playground }) => {
    await playground.stopIfRunning(server.url);
  });
  test.afterAll(async () => {
    await server?.stop();
    await expect.poll(() => server?.processes() ?? [], { timeout: 5_000, message: "processes left behind" }).toEqual([]);
    expect(server?.panics() ?? [], "panics in the server's log").toEqual([]);
  });
  return () => server;
}

export { expect };
