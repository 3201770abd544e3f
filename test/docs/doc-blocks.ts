/** A fenced block of a Markdown document. */
export interface DocBlock {
  /** The text after the fence: the language, and the kind of block. */
  readonly info: string;
  /** Without the fences, ending with a line break. */
  readonly text: string;
  /** Where `text` begins and ends in the document. */
  readonly start: number;
  readonly end: number;
}

/** All fenced blocks, in order. Fences are at the beginning of a line and are not nested. */
export function listBlocks(document: string): readonly DocBlock[] {
  return [...document.matchAll(/^```(?<info>.*)\n(?<text>(?:(?!```).*\n)*)```$/gm)].map(
    ({ index, groups: { info = "", text = "" } = {} }) => {
      const start = index + "```".length + info.length + 1;
      return { info, text, start, end: start + text.length };
    },
  );
}

/** The document with the text of some blocks replaced. */
export function replaceBlocks(document: string, texts: ReadonlyMap<DocBlock, string>): string {
  let replaced = "";
  let from = 0;
  for (const [{ start, end }, text] of [...texts].toSorted(([a], [b]) => a.start - b.start)) {
    replaced += document.slice(from, start) + text;
    from = end;
  }
  return replaced + document.slice(from);
}
