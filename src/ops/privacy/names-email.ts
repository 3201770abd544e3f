/** What stands for a character in JSON, forms and HTML. A line break is no part of an address, nor is any other escape. */
const ESCAPES = /%([0-9a-f]{2})|\\u([0-9a-f]{4})|&#x([0-9a-f]{1,4});|&#(\d{1,5});|\\[bfnrt"\\/]/gi;

/**
 * Whether a text that somebody sent, whatever its format, names an email: as a whole, not as the end of a longer one.
 * @param email in lower case
 */
export function namesEmail(text: string, email: string): boolean {
  const plain = text
    .replace(ESCAPES, (_, percent?: string, unicode?: string, hex?: string, decimal?: string) => {
      const code = percent ?? unicode ?? hex;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return decimal === undefined ? " " : String.fromCharCode(Number(decimal));
    })
    .toLowerCase();
  for (let at = plain.indexOf(email); at >= 0; at = plain.indexOf(email, at + 1)) {
    const before = plain.slice(Math.max(0, at - 1), at);
    const behind = plain.slice(at + email.length, at + email.length + 2);
    if (!/[\w.+%-]/.test(before) && !/^(?:[\w-]|\.\w)/.test(behind)) return true;
  }
  return false;
}
