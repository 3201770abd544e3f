import type { KnownBlock } from "@slack/types";

/** A text that a Slack message shows, and the kind of block it stands in. */
export interface ShownText {
  readonly block: string;
  readonly type: string;
  readonly text: string;
}

/** Every text of these blocks, in order. */
export function shownTexts(blocks: readonly KnownBlock[]): ShownText[] {
  return blocks.flatMap((block) =>
    textsOf(block).map(({ type, text }) => ({ block: block.type, type, text })),
  );
}

function textsOf(block: KnownBlock): readonly { type: string; text: string }[] {
  switch (block.type) {
    case "header":
      return [block.text];
    case "section":
      return block.text ? [block.text] : [];
    case "context":
      return block.elements.filter((element) => element.type !== "image");
    default:
      return [];
  }
}
