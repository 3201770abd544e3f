import type { Random } from "../../simulation/random.ts";

/** In every hostile text, always after a character that would have to be escaped. */
export const MARK = "xq7";

/** Texts that do harm where they are pasted: into HTML, a header, a log line, SQL, a path of an object. */
const HARMFUL = [
  `<${MARK}>`,
  `"><${MARK} onload=alert(1)>`,
  `'${MARK}='`,
  `</textarea><${MARK}>`,
  `<script>'${MARK}'</script>`,
  `\r\nSet-Cookie: "${MARK}"`,
  `\r\n\r\n<${MARK}>`,
  `\n{"event":"${MARK}"}`,
  `'; DROP TABLE leads; --'${MARK}`,
  `\u2028<${MARK}>\u2029`,
  `\u202e<${MARK}`,
  `\u0000<${MARK}\u0000`,
  `\ud800<${MARK}\udfff`,
  `\ufeff<${MARK}`,
  `<<!channel>${"'"}${MARK}`,
];

/** A few bodies have more fields, or more bytes, than one may have. */
export const LARGE = 0.004;

/** Names that mean something to the router, to JavaScript or to a parser. */
const NAMES = [
  "email",
  "Email",
  "your-email",
  "phone",
  "name",
  "first_name",
  "company",
  "website",
  "country",
  "score",
  "source",
  "message",
  "fields",
  "data",
  "context",
  "hs_context",
  "_next",
  "redirect",
  "retURL",
  "_replyto",
  "_gotcha",
  "botcheck",
  "_test",
  "_webhook",
  "_form",
  "access_key",
  "form-name",
  "oid",
  "cf-turnstile-response",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
  "",
  "[]",
  "a[]",
  "data[email]",
  "data[__proto__]",
  "__proto__[x]",
  "a[b][c][]",
  "a[[b]]",
  "[a]",
  "]",
];

const GOOD = new Map([
  [
    "email",
    ["jane@acme.test", "JANE@ACME.TEST", "jane@acme", "jäne@müller.test", "@", "a@b.c@d.e"],
  ],
  ["phone", ["+49 30 123456", "12", "٠١٢٣٤٥٦٧", "1".repeat(30)]],
  ["country", ["Germany", "DE", "de-DE", "x"]],
  ["access_key", ["contact"]],
  ["form-name", ["contact"]],
  ["oid", ["contact"]],
  ["score", ["82", "1e999", "-0", "0x10", "NaN", "9".repeat(400)]],
]);

/** A name of a field: most mean something, and without an address there is no lead. */
export function drawName(random: Random): string {
  if (random.chance(0.15)) return "email";
  return random.chance(0.7) ? random.pick(NAMES) : drawText(random);
}

/** A value for a field of this name. */
export function drawValue(random: Random, name: string): string {
  const good = GOOD.get(name.toLowerCase());
  return good !== undefined && random.chance(0.6) ? random.pick(good) : drawText(random);
}

/** A text, harmful, odd or long. */
export function drawText(random: Random): string {
  switch (random.whole(0, 9)) {
    case 0:
    case 1:
    case 2:
      return random.pick(HARMFUL);
    case 3:
      return "";
    case 4:
      return random.pick([
        " ",
        "\t\r\n",
        "\u0000",
        "\ud83d",
        "\udca9\ud83d",
        "%",
        "%zz",
        "+",
        "&=;",
      ]);
    case 5:
      return String.fromCharCode(
        ...Array.from({ length: random.whole(1, 30) }, () => random.whole(0, 0xffff)),
      );
    case 6:
      return random.pick(["x", "ü", "\ud83d\ude00", "\u0301", "\r\n"]).repeat(random.whole(1, 300));
    case 7:
      return random.pick(["true", "false", "null", "0", "-1", "[]", "{}", "undefined", "NaN"]);
    case 8:
      return random.pick([
        "https://evil.test/'" + MARK,
        "//evil.test",
        "/\\evil.test",
        "/ok",
        "javascript:alert(1)",
      ]);
    default:
      return "Hello, I'd like a demo.";
  }
}

/** Names and values; half begin with what makes a lead of them. */
export function drawFields(random: Random): readonly (readonly [name: string, value: string])[] {
  const count = random.chance(LARGE) ? random.whole(900, 2_000) : random.whole(0, 12);
  const fields = Array.from({ length: count }, () => {
    const name = drawName(random);
    return [name, drawValue(random, name)] as const;
  });
  return random.chance(0.5) ? [["email", "jane@acme.test"], ...fields] : fields;
}
