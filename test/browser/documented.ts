import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listBlocks } from "../docs/doc-blocks.ts";

// docs/forms.md is what is tested: its snippets are the pages, and its rules.ts is the router's.

const DOCUMENT = readFileSync(join(import.meta.dirname, "../../docs/forms.md"), "utf8");
const PLACEHOLDERS = { router: "https://YOUR-WORKER", site: "https://example.com" };

/** Where the placeholders of the document are in a test. */
export interface Places {
  /** Origins, such as "http://127.0.0.1:8787". */
  readonly router: string;
  readonly site: string;
}

/**
 * A block of the document, by the words behind its fence: "html plain.html", "ts forms".
 * @throws {Error} when the document has no such block, or two
 */
export function readBlock(info: string): string {
  const blocks = listBlocks(DOCUMENT).filter((block) => block.info === info);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1)
    throw new Error(`docs/forms.md has ${blocks.length} blocks "${info}", not one`);
  return block.text;
}

/** The names of the document's pages: "plain.html". */
export function listPages(): readonly string[] {
  return listBlocks(DOCUMENT).flatMap(({ info }) => /^html (.+)$/.exec(info)?.[1] ?? []);
}

/** A snippet for a test's router and site; hosts alone, as of `allowedOrigins`, too. */
export function moveTo({ router, site }: Places, snippet: string): string {
  return snippet
    .replaceAll(PLACEHOLDERS.router, router)
    .replaceAll(PLACEHOLDERS.site, site)
    .replaceAll('"example.com"', `"${new URL(site).host}"`);
}
