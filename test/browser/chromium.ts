import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The Chromium of this machine: what CHROMIUM names, else what lies on the path; null when there is none. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const { CHROMIUM, PATH = "" } = environment;
  if (CHROMIUM !== undefined && CHROMIUM !== "") return CHROMIUM;
  const candidates = PATH.split(delimiter).flatMap((folder) =>
    NAMES.map((name) => join(folder, name)),
  );
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Tabs of one browser, that share nothing. */
export interface Tabs {
  /** Its clock is a minute behind: as if the page had been open for that long when its form is sent. */
  readonly withScript: Page;
  readonly withoutScript: Page;
  /** Its clock is right: a form that is sent at once says so. */
  readonly inHaste: Page;
}

/** Milliseconds, on a machine that is busy. */
const PATIENCE_MS = 20_000;
/** Milliseconds that a visitor took to fill a form in. */
const TIME_TAKEN_MS = 60_000;

export async function openTabs(
  executablePath: string,
  closing: AsyncDisposableStack,
): Promise<Tabs> {
  // Its sandbox needs rights that a container does not have; only pages of these tests are opened.
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  closing.defer(() => browser.close());
  const withScript = await browser.newPage();
  const withoutScript = await browser.newPage({ javaScriptEnabled: false });
  const inHaste = await browser.newPage();
  await withScript.clock.install({ time: Date.now() - TIME_TAKEN_MS });
  for (const page of [withScript, withoutScript, inHaste]) page.setDefaultTimeout(PATIENCE_MS);
  return { withScript, withoutScript, inHaste };
}
