/** A fenced block of a Markdown document. */
export interface DocBlock {
  /** What stands behind the fence: the language, and what the block is. */
  readonly info: string;
  /** Without the fences, ending in a line break. */
  readonly text: string;
  /** Where `text` begins and ends in the document. */
  readonly start: number;
  readonly end: number;
}

/** All fenced blocks, in their order. Fences stand at the beginning of a line and hold no others. */
export function listBlocks(document: string): readonly DocBlock[] {
  return [...document.matchAll(/^```(?<info>.*)\n(?<text>(?:(?!```).*\n)*)```$/gm)].map(
    ({ index, groups: { info = "", text = "" } = {} }) => {
      const start = index + "```".length + info.length + 1;
      return { info, text, start, end: start + text.length };
    },
  );
}

/** The document with other text in some of its blocks. */
export function replaceBlocks(document: string, texts: ReadonlyMap<DocBlock, string>): string {
  let replaced = "";
  let from = 0;
  for (const [{ start, end }, text] of [...texts].toSorted(([a], [b]) => a.start - b.start)) {
    replaced += document.slice(from, start) + text;
    from = end;
  }
  return replaced + document.slice(from);
}
