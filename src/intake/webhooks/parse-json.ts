const LARGE = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LARGE_INTEGER = /^-?\d{16,}$/;

/**
 * As `JSON.parse`, but integers of 16 digits and more are read as strings: ids of 64 bits do not fit a double, which would
 * make another id of them.
 * @throws {SyntaxError} for what is no JSON
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Of valid JSON only, from here on: what is no JSON stays none, and the pattern looks at each character once.
  if (!LARGE.test(text)) return value;
  return JSON.parse(
    text.replaceAll(STRING_OR_NUMBER, (token) =>
      LARGE_INTEGER.test(token) ? `"${token}"` : token,
    ),
  );
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A body as {@link parseJson} has it. @throws {SyntaxError | TypeError} for what is no JSON, or no UTF-8 */
export function parseBody(body: Uint8Array): unknown {
  return parseJson(UTF8.decode(body));
}
