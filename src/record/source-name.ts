/** What stands for sources that are not named, and for whatever is beyond a limit. */
export const OTHER = "(other)";

/** Characters of a source that tell it from the others. */
const LONGEST = 80;

/** An e-mail address, or a number with its country's code: a form may send either as its source. */
const CONTACT = /\S@\S|\+\s?\d/;

/** A lead's source as metrics may name it: cut, and never somebody's address. Null when none was sent. */
export function nameSource(source: string | null): string | null {
  const said = source?.trim() ?? "";
  if (said === "") return null;
  return CONTACT.test(said) ? OTHER : said.slice(0, LONGEST).toWellFormed();
}
