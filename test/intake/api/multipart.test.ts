import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry, ParsedEntries } from "../../../src/intake/body/form-entries.ts";
import { boundaryOf, MultipartReader } from "../../../src/intake/body/multipart.ts";

const LIMITS = { text: 1_000, fields: 5 };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads a body in chunks of these lengths, over and over. */
function read(body: string | Uint8Array, lengths: readonly number[] = [65_536]): ParsedEntries {
  const bytes = typeof body === "string" ? encode(body) : body;
  const reader = new MultipartReader("b", LIMITS);
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    if (!reader.push(bytes.subarray(at, at + length))) break;
    at += length;
  }
  return reader.finish();
}

function entriesOf(parsed: ParsedEntries): readonly Entry[] {
  if (parsed.outcome !== "read") throw new Error(parsed.outcome);
  return parsed.entries;
}

const part = (disposition: string, value: string, more = ""): string =>
  `--b\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${value}\r\n`;
const END = "--b--\r\n";

describe("a multipart body", () => {
  it("yields texts as they are and of files what they were, however it is cut into chunks", () => {
    const body =
      part('name="email"', "jane@acme.test") +
      part('name="text"', "line 1\r\n--o\r\n\r\n--a\r\n-", "Content-Type: text/plain\r\n") +
      part('name="cv"; filename="c v.pdf"', "%PDF\r\n--c", "Content-Type: application/pdf\r\n") +
      part('name="empty"; filename=""', "", "Content-Type: application/octet-stream\r\n") +
      part('name=""', "");
    const expected = [
      ["email", "jane@acme.test"],
      ["text", "line 1\r\n--o\r\n\r\n--a\r\n-"],
      ["cv", { name: "c v.pdf", type: "application/pdf", size: 9 }],
      ["", ""],
    ];
    for (const lengths of [[65_536], [1], [2], [3, 1], [7]])
      expect(entriesOf(read(`${body}${END}`, lengths))).toEqual(expected);
    expect(entriesOf(read(`preamble\r\n${body}${END}epilogue`, [5]))).toEqual(expected);
  });

  it.each([
    ['name="a%22b%0D%0Ac"', 'a"b\r\nc'],
    ['name="a\\"b"', 'a"b'],
    ["name=a", "a"],
    ['filename*=x; NAME="a;b"', "a;b"],
    ['name="ü[]"', "ü[]"],
    ['name="100%"', "100%"],
  ])("names its parts as browsers and curl write them: %s", (disposition, name) => {
    expect(entriesOf(read(part(disposition, "x") + END))).toEqual([[name, "x"]]);
  });

  it("of an old page is windows-1252 where it is no UTF-8", () => {
    const bytes = Uint8Array.from(part('name="name"', "M\u00fcller") + END, (letter) =>
      letter.charCodeAt(0),
    );
    expect(entriesOf(read(bytes))).toEqual([["name", "Müller"]]);
  });

  it.each([
    ["", "broken"],
    ["rubbish", "broken"],
    ["--b", "broken"],
    ["--b\r\n", "broken"],
    [part('name="a"', "x"), "broken"],
    [`--b\r\n${"h: x\r\n".repeat(4_000)}`, "broken"],
    [`--b${" ".repeat(2_000)}`, "broken"],
    [part('name="a"', "x".repeat(1_001)) + END, "too_large"],
    [part(`name="${"x".repeat(1_001)}"`, "") + END, "too_large"],
    [part('name="a"', "").repeat(6) + END, "too_many"],
    [END, "read"],
    [`--b\r\n\r\nno header\r\n${END}`, "read"],
    [part('nom="a"', "x") + END, "read"],
  ])("%#: ends as it should", (body, outcome) => {
    for (const lengths of [[65_536], [1]]) expect(read(body, lengths).outcome).toBe(outcome);
  });

  it("keeps nothing of a file, however large: only a line's worth of bytes is ever held", () => {
    const reader = new MultipartReader("b", LIMITS);
    reader.push(encode('--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'));
    const chunk = new Uint8Array(65_536).fill(0x0d);
    for (let n = 0; n < 500; n++) expect(reader.push(chunk)).toBe(true);
    reader.push(encode(`\r\n${END}`));
    expect(entriesOf(reader.finish())).toEqual([["f", { name: "f", type: "", size: 32_768_000 }]]);
  });

  it("reads as FormData writes, whatever the names and texts", async () => {
    const text = fc.string({ unit: "binary", maxLength: 30 }).map((s) => s.toWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, text, fc.boolean()), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        async (sent, lengths) => {
          const form = new FormData();
          for (const [name, value, isFile] of sent)
            form.append(name, isFile ? new File([value], "f", { type: "a/b" }) : value);
          const response = new Response(form);
          const boundary = boundaryOf(response.headers.get("Content-Type") ?? "") ?? "";
          const bytes = new Uint8Array(await response.arrayBuffer());
          const reader = new MultipartReader(boundary, { text: 100_000, fields: 5 });
          for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
            const length = lengths[turn % lengths.length] ?? 1;
            reader.push(bytes.subarray(at, at + length));
            at += length;
          }
          // A form's line breaks are CRLF on the wire.
          const wire = (s: string): string => s.replaceAll(/\r?\n|\r/g, "\r\n");
          expect(entriesOf(reader.finish())).toEqual(
            sent.map(([name, value, isFile]) => [
              wire(name),
              isFile
                ? { name: "f", type: "a/b", size: encode(value).byteLength }
                : wire(value).replace(/^\uFEFF/, ""),
            ]),
          );
        },
      ),
    );
  });

  it("never fails on random bytes", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "--b",
            "--",
            "\r\n",
            "\r",
            "\n",
            ":",
            ";",
            'name="',
            '"',
            "Content-Disposition",
            "x",
            "\0",
          ),
          { maxLength: 40 },
        ),
        fc.integer({ min: 1, max: 9 }),
        (tokens, length) => {
          const whole = read(tokens.join(""));
          expect(read(tokens.join(""), [length])).toEqual(whole);
        },
      ),
    );
  });
});

it.each([
  ["multipart/form-data; boundary=abc", "abc"],
  ['multipart/form-data; charset=utf-8; BOUNDARY="a b"', "a b"],
  ["multipart/form-data", null],
  ["multipart/form-data; boundary=", null],
  [`multipart/form-data; boundary=${"x".repeat(201)}`, null],
])("the boundary of %j is %j", (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary);
});
