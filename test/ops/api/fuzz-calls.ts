import fc from "fast-check";
import { operations, type Call } from "./contract.ts";

// Calls as nobody should make them: to every route of the API, each part of it sometimes right, mostly not.

/** A call as it is sent. */
export interface FuzzedCall {
  readonly method: string;
  /** Under /api, with its query; not always one that a URL can be made of. */
  readonly path: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** A pod that does not answer meanwhile; null = all do. */
  readonly away: string | null;
}

/** What stands in the router that is called, by the part of a path that goes before it: some calls are to find something. */
export type Known = Readonly<Record<string, readonly [string, ...string[]]>> & {
  readonly pods: readonly [string, ...string[]];
};

/** Text that has broken one parser or another. */
const NASTY = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udfff\ud800",
  "\u202etxt",
  "İ",
  "ﬃ",
  "🦊".repeat(40),
  "'",
  '"',
  "' OR 1=1 --",
  "%",
  "_",
  "*",
  "\\",
  "../../etc",
  ".",
  "..",
  "a/b",
  "a%2fb",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "NaN",
  "-1",
  "0",
  "1e999",
  "99999999999999999999",
  "0x10",
  "true",
  "2026-11-24",
  "2026-11-24T12:00:00Z",
  "2026-11-24T12:00:00+01:00[Europe/Berlin]",
  "-271821-04-20T00:00:00Z",
  "+275760-09-13T00:00:00.000000001Z",
  "9999-12-31T23:59:59.999Z",
  "1970-01-01T00:00:00Z",
  "Europe/Berlin",
  "+01:07",
  "json",
  "csv",
  "all",
  "asc",
  "xn--",
  "xn--zz--",
  "a.b.c.d.e",
  "127.0.0.1",
  "ａｃｍｅ.example",
  "a".repeat(10_000),
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 12 }),
);

const number = fc.oneof(
  fc.constantFrom(0, -0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, 1e308, 5e-324),
  fc.integer(),
);

/** One of the two, the first so many times as often. */
function mostly<Value>(
  first: fc.Arbitrary<Value>,
  weight: number,
  second: fc.Arbitrary<Value>,
): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: first }, second);
}

/** What parameters of queries may well be. */
const LIKELY = [
  "1",
  "200",
  "asc",
  "desc",
  "all",
  "csv",
  "ndjson",
  "day",
  "hour",
  "pending",
  "unassigned",
  "assigned",
  "decision",
  "event",
  "notified,closed",
  "lead",
  "day,rep,pod,rule,source,outcome",
  "Europe/Berlin",
  "America/St_Johns",
  "ana",
  "router",
  "DACH",
  "website",
  "all-or-nothing",
  "2026-11-23T00:00:00Z",
  "2026-11-24T12:00:00.5+01:00",
  "1970-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
];

/** Text as a part of a URL: mostly encoded as it should be, sometimes in ways that do not decode. */
const inUrl = fc.oneof(
  { weight: 6, arbitrary: text.map((value) => encodeURIComponent(value.toWellFormed())) },
  fc.constantFrom("%", "%zz", "%00", "%ff", "%ed%a0%80", "%2e%2e%2f", "%2F", "a%20b", "+", "%252f"),
);

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(text, tie("json"), { maxKeys: 4 }),
  ),
}));

const monster = fc.constantFrom(
  "",
  "null",
  "[]",
  "{",
  '"text"',
  "\ufeff{}",
  '{"a":1,"a":2}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `{"lead":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`,
  "[".repeat(50_000),
  `{${Array.from({ length: 5_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
  `{"reason":"${"x".repeat(100_000)}"}`,
  '{"dailyCap":1e999,"weight":-1e999}',
  '{"dailyCap":9007199254740993}',
  `"${"\\ud800".repeat(10)}"`,
);

/** A body like the one the document shows, with some of it bent. */
function bentBody(example: unknown, known: Known): fc.Arbitrary<string> {
  if (typeof example === "string")
    return fc.oneof(
      fc.constant(example),
      fc
        .array(fc.oneof(text, fc.constant(example)), { maxLength: 4 })
        .map((rows) => rows.join("\n")),
    );
  const names = Object.keys(example ?? {});
  const name = names.length === 0 ? text : mostly(fc.constantFrom(...names), 6, text);
  const likely = fc.constantFrom(...Object.values(known).flat(), ...LIKELY, "a reason", null, 0, 1);
  const changes = fc.dictionary(name, fc.oneof(json, text, likely), { maxKeys: 2 });
  return fc
    .tuple(fc.boolean(), changes)
    .map(([isBent, bends]) => JSON.stringify({ ...Object(example), ...(isBent && bends) }));
}

const header = fc.oneof(
  fc.constantFrom(
    "*",
    '""',
    'W/"a"',
    '"a", "b"',
    '"unfinished',
    ",",
    "text/csv",
    "application/json",
    "application/x-ndjson;q=0.1, */*;q=bad",
    "multipart/form-data",
    "x".repeat(300),
    "key-1",
  ),
  fc
    .string({ unit: fc.constantFrom(..." !\"%&'*,/;=?Za"), maxLength: 20 })
    .map((value) => value.trim()),
);

const headers = fc.dictionary(
  fc.constantFrom(
    "if-match",
    "if-none-match",
    "idempotency-key",
    "content-type",
    "accept",
    "content-length",
  ),
  header,
  { maxKeys: 3 },
);

/** Cursors of our own making: a list's name, and a key that may be that of another list, or of none. */
const cursor = fc
  .tuple(
    fc.constantFrom(
      "leads-desc",
      "leads-asc",
      "owner-desc",
      "unassigned",
      "disputes",
      "skipped",
      "audit-asc",
      "audit-desc",
      "reps",
      "accounts",
      "quarantine",
    ),
    fc.array(fc.oneof(text, number, fc.constant(1), fc.constant("2026-11-24")), { maxLength: 3 }),
  )
  .map(([name, key]) =>
    Buffer.from(JSON.stringify([name, ...key]), "latin1").toString("base64url"),
  );

function queryOf({ operation }: Call, known: Known): fc.Arbitrary<string> {
  const parameters = (operation.parameters ?? []).filter((one) => one.in === "query");
  const wild = fc.tuple(fc.oneof(inUrl, fc.constant("limit")), inUrl);
  const [first, ...others] = parameters.map(({ name }) => {
    if (name === "cursor") return fc.tuple(fc.constant(name), cursor);
    const likely = fc.constantFrom(...LIKELY, ...Object.values(known).flat());
    const value = fc.oneof(inUrl, { weight: 2, arbitrary: likely.map(encodeURIComponent) });
    return fc.tuple(fc.constant(name), value);
  });
  const pair =
    first === undefined
      ? wild
      : fc.oneof({ weight: 12, arbitrary: fc.oneof(first, ...others) }, wild);
  const query = fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => pairs.map(([left, right]) => `${left}=${right}`).join("&"));
  return mostly(fc.constant(""), first === undefined ? 8 : 1, query);
}

function pathOf({ path }: Call, known: Known): fc.Arbitrary<string> {
  const parts = path.split("/").slice(2);
  const fills = parts.map((part, at) => {
    if (!part.startsWith("{")) return fc.constant(part);
    const names = known[parts[at - 1] ?? ""] ?? known.pods;
    return mostly(fc.constantFrom(...names), 3, inUrl);
  });
  return fc.tuple(...fills).map((filled) => `/${filled.join("/")}`);
}

function bodyOf({ method, operation }: Call, known: Known): fc.Arbitrary<string | null> {
  if (method === "GET") return fc.constant(null);
  const examples = Object.values(operation.requestBody?.content ?? {}).map(
    ({ example }) => example,
  );
  const bent = (examples.length === 0 ? [{}] : examples).map((example) => bentBody(example, known));
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...bent) },
    monster,
    json.map((value) => JSON.stringify(value)),
  );
}

/** Calls of one operation. */
export function callsOf(call: Call, known: Known): fc.Arbitrary<FuzzedCall> {
  return fc.record({
    method: fc.oneof(
      { weight: 15, arbitrary: fc.constant(call.method) },
      fc.constantFrom("HEAD", "PATCH", "OPTIONS", "DELETE"),
    ),
    path: fc
      .tuple(pathOf(call, known), queryOf(call, known))
      .map(([path, query]) => (query === "" ? path : `${path}?${query}`)),
    body: bodyOf(call, known),
    headers: mostly(fc.constant({}), 2, headers),
    away: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constantFrom(...known.pods)),
  });
}

/** Every call of the API. */
export const apiCalls = operations.filter(({ path }) => path.startsWith("/api/"));
