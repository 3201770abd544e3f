import type { KnownBlock, PlainTextElement } from "@slack/types";

// What a message to Slack is, how much it holds, and how text from outside gets into it.

/** The body of a post to an incoming webhook, and most of one to chat.postMessage. */
export interface SlackMessage {
  /** What a phone's lock screen shows. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/**
 * What Slack accepts, in one place. Characters are counted as UTF-16 code units, an upper bound of every way in which Slack may
 * count them: "12,000 characters" of Chinese were seen accepted (36,000 bytes), so they are not bytes.
 */
export const SLACK_LIMITS = {
  /** Blocks a message (docs.slack.dev/reference/block-kit/blocks). */
  blocks: 50,
  /** Characters of a header (…/blocks/header-block); it is plain text only. */
  headerText: 150,
  /** Characters of a section's text (…/blocks/section-block). */
  sectionText: 3_000,
  /**
   * Characters of a whole message, counted by `sizeOf`. Slack publishes no number. Messages were refused at 13,200
   * (`msg_blocks_too_long`, slackapi/bolt-js #2509) and at 11,341 characters in many blocks (#2867): blocks themselves count.
   */
  message: 10_000,
  /** What a block is assumed to cost beside its texts, in characters: an allowance of ours for what those reports could not explain. */
  block: 40,
  /** Messages a second to one channel, by webhook or chat.postMessage; short bursts of more are accepted (docs.slack.dev/apis/web-api/rate-limits). */
  messagesPerSecond: 1,
} as const;

/** What Slack is assumed to count of a message, in characters. */
export function sizeOf({ text, blocks }: SlackMessage): number {
  const texts = blocks.flatMap((block) => {
    if (block.type === "header" || block.type === "section") return block.text ?? [];
    return block.type === "context" ? block.elements.filter(({ type }) => type !== "image") : [];
  });
  const shown = texts.reduce((sum, part) => sum + ("text" in part ? part.text.length : 0), 0);
  return text.length + shown + blocks.length * SLACK_LIMITS.block;
}

/** Text in which nothing can mention, link or format. */
export function plain(text: string): PlainTextElement {
  return { type: "plain_text", text, emoji: false };
}

/** The three characters that are markup to Slack wherever a text is not `plain_text` (docs.slack.dev, "Escaping text"). */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Letters that are written from right to left. JavaScript's regular expressions know scripts, not directions. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/**
 * What shows nothing: zero-width and soft characters, fillers, tags and the controls of writing direction, which could turn
 * round what we write beside it ("gnp.exe"). Left in place: joiners, which emoji and Persian are made of, and the two
 * selectors that tell an emoji from a sign.
 */
const INVISIBLE =
  /(?!\u200C|\u200D|\uFE0E|\uFE0F)\p{Default_Ignorable_Code_Point}|[\uFFF9-\uFFFB]/gu;
/** Line breaks and tabs would break the layout. */
const BLANKS = /[\s\p{Cc}]+/gu;
/** More marks on one letter than any language stacks grow over the lines above and below. */
const PILE = /([\p{M}\u200C\u200D]{4})[\p{M}\u200C\u200D]+/gu;
/** A mark without a letter would sit on ours. */
const LOOSE = /^(?:\p{M}|\u200C|\u200D| )+|(?:\u200C|\u200D| )+$/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Text from outside as one line that shows what it is and disturbs nothing around it. It still has to be put in a
 * `plain_text`, where nothing in it can mention, link or format.
 * @param limit longest result, in UTF-16 code units; what is longer ends in "…"
 */
export function showText(text: string, limit: number): string {
  // What cannot come to be shown is not looked at: a field may have 100 kB.
  const head = text
    .slice(0, limit * 8)
    .toWellFormed()
    .normalize("NFC");
  const shown = head
    .replaceAll(INVISIBLE, "")
    .replaceAll(BLANKS, " ")
    .replaceAll(PILE, "$1")
    .replaceAll(LOOSE, "");
  if (!RIGHT_TO_LEFT.test(shown)) return clip(shown, limit);
  // Isolated, so that it does not turn round what stands beside it on the line.
  return `${FIRST_STRONG_ISOLATE}${clip(shown, limit - 2)}${POP_ISOLATE}`;
}

/** Cuts between characters as people count them, so that no emoji is cut in half. */
function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let clipped = "";
  for (const { segment } of graphemes.segment(text)) {
    if (clipped.length + segment.length > limit - 1) break;
    clipped += segment;
  }
  // Joined up, 10 kB of emoji are one character.
  return `${clipped === "" ? text.slice(0, limit - 1).toWellFormed() : clipped}…`;
}
