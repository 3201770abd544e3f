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
 * Text from outside as one line that shows what it is and disturbs nothing around it. It is still to be put in a
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

/** The three characters that are markup to Slack wherever a text is not `plain_text` (docs.slack.dev, "Escaping text"). */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
