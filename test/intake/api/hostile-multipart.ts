import type { Random } from "../../simulation/random.ts";
import { encodeText } from "./hostile-bytes.ts";
import { drawFields, drawText, LARGE } from "./hostile-text.ts";
import type { Post } from "./hostile-bodies.ts";

/** As browsers write it, or nearly; not always under the boundary that the header names. */
export function drawMultipart(random: Random): Post {
  const boundary = random.pick([
    "b",
    "----WebKitFormBoundary7MA4YWxkTrZu0gW",
    "'()+_,-./:=? x",
    "-",
    "x".repeat(200),
  ]);
  const right = `boundary="${boundary}"`;
  const named = random.pick([
    right,
    right,
    right,
    right,
    right,
    `boundary=${boundary}`,
    `charset=utf-8; boundary="${boundary}"; x=y`,
    `BOUNDARY=${boundary}`,
    "boundary=another",
    "boundary=",
    `boundary=${"x".repeat(300)}`,
    "",
  ]);
  const lineEnd = random.chance(0.95) ? "\r\n" : "\n";
  const parts = drawFields(random).map(
    (field) =>
      `--${boundary}${random.chance(0.05) ? "  \t" : ""}${lineEnd}${drawPart(random, field, boundary, lineEnd)}${lineEnd}`,
  );
  const end = random.pick([`--${boundary}--`, `--${boundary}--\r\nepilogue`, `--${boundary}`, ""]);
  const text = `${random.chance(0.05) ? "preamble" : ""}${parts.join("")}${random.chance(0.9) ? `--${boundary}--\r\n` : end}`;
  return { contentType: `multipart/form-data; ${named}`, body: encodeText(random, text) };
}

function drawPart(
  random: Random,
  [name, value]: readonly [name: string, value: string],
  boundary: string,
  lineEnd: string,
): string {
  const quoted = random.chance(0.9)
    ? `"${name.replaceAll('"', random.pick(["%22", '\\"', '"']))}"`
    : name;
  const file = random.pick([
    "",
    "",
    "",
    `; filename=${JSON.stringify(drawText(random))}`,
    '; filename=""',
    "; filename*=UTF-8''x",
  ]);
  const lines = [
    random.pick([
      `Content-Disposition: form-data; name=${quoted}${file}`,
      `Content-Disposition: form-data; name=${quoted}`,
      `content-disposition:form-data;name=${quoted}${file}`,
      `Content-Disposition: attachment${file}`,
      "no colon",
      "",
    ]),
    ...random.pick([
      [],
      [],
      ["Content-Type: text/plain; charset=utf-16"],
      [`Content-Type: ${drawText(random)}`],
      [random.chance(LARGE) ? "x".repeat(20_000) : "X-Other: x"],
    ]),
  ];
  const content = random.pick([
    value,
    value,
    value,
    `--${boundary}x`,
    `\r\n--${boundary.slice(0, -1)}`,
    "\r\n\r\n",
  ]);
  return `${lines.join(lineEnd)}${lineEnd}${lineEnd}${content}`;
}
