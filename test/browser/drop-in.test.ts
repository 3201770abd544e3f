import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findChromium, openTabs, type Tabs } from "./chromium.ts";
import { describeFormspreeClient } from "./formspree-client.ts";
import { describeHoneypotAnswers } from "./honeypot-answers.ts";
import { describeSnippets } from "./snippets.ts";
import { describeStrangers } from "./strangers.ts";
import { describeVisitors } from "./visitors.ts";
import { openWorld, type World } from "./world.ts";

// The clients and pages of other services, with nothing but the host changed, against the running worker. One worker and one
// browser for all, so that it is one test file; what they do is in files of their own.

/** Milliseconds; it takes five seconds at most on a machine that is not busy. */
const START_LIMIT = 120_000;
vi.setConfig({ testTimeout: 40_000 });

const closing = new AsyncDisposableStack();
let world: World;
beforeAll(async () => {
  world = await openWorld(closing);
}, START_LIMIT);
afterAll(() => closing.disposeAsync(), START_LIMIT);

const chromium = findChromium();
const HOW = "there is no Chromium: install it, or name it in CHROMIUM";

// The reporter only counts what is skipped.
if (chromium === null) console.warn(`test/browser opens no page: ${HOW}`);

it.runIf(process.env["CI"])("finds a Chromium in continuous integration", () => {
  expect(chromium, HOW).not.toBeNull();
});

describe("Formspree's client", () => describeFormspreeClient(() => world));

describe("a bot is answered as a person is, by every door", () =>
  describeHoneypotAnswers(() => world));

describe.skipIf(chromium === null)(chromium === null ? `Skipped: ${HOW}` : "in Chromium", () => {
  let tabs: Tabs;
  beforeAll(async () => {
    tabs = await openTabs(chromium ?? "", closing);
  }, START_LIMIT);
  const here = [() => world, () => tabs] as const;

  describe("a page of docs/forms.md", () => describeSnippets(...here));
  describe("visitors", () => describeVisitors(...here));
  describe("a stranger", () => describeStrangers(...here));
});

// The last: all of the above has been said to the worker.
it("has logged nothing of what anybody wrote", () => {
  const lines = world.router.readLog();
  expect(lines.some((line) => line.includes("lead_insert_failed"))).toBe(true);
  const words = /visitor|trap\.test|jane|doe|acme|hello|xq7|alert|evil/i;
  expect(lines.filter((line) => words.test(line))).toEqual([]);
});
