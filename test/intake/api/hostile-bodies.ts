import type { Random } from "../../simulation/random.ts";
import { damage, encodeText } from "./hostile-bytes.ts";
import { drawJsonText } from "./hostile-json.ts";
import { drawMultipart } from "./hostile-multipart.ts";
import { drawFields, LARGE } from "./hostile-text.ts";

/** What somebody posts. */
export interface Post {
  /** A header's value as HTTP allows it. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

const TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];
/** Some are changed after they were written. */
const DAMAGED = 0.25;

/** A body as no good client sends it, or only just. */
export function drawPost(random: Random): Post {
  const { contentType, body } = random.pick([drawJson, drawUrlencoded, drawMultipart, drawNoise])(
    random,
  );
  return {
    contentType: random.chance(0.05) ? random.pick([...TYPES, "text/plain", ""]) : contentType,
    body: random.chance(DAMAGED) ? damage(random, body) : body,
  };
}

function drawNoise(random: Random): Post {
  const body = random.bytes(random.chance(LARGE) ? 150_000 : random.whole(0, 400));
  const contentType = random.pick([...TYPES, "multipart/form-data; boundary=b"]);
  return { contentType, body: Uint8Array.from(body) };
}

function drawJson(random: Random): Post {
  const contentType = random.pick([
    "application/json",
    "application/json; charset=utf-16",
    "Application/JSON ;charset=latin1",
  ]);
  return { contentType, body: encodeText(random, drawJsonText(random)) };
}

function drawUrlencoded(random: Random): Post {
  const pairs = drawFields(random).map((field) =>
    field.map((text) => escapePercent(random, text)).join(random.chance(0.95) ? "=" : ""),
  );
  const body = encodeText(random, pairs.join(random.chance(0.95) ? "&" : "&&"));
  return { contentType: "application/x-www-form-urlencoded", body };
}

function escapePercent(random: Random, text: string): string {
  if (random.chance(0.2)) return text;
  const escaped = encodeURIComponent(text.toWellFormed());
  return random.chance(0.1)
    ? escaped.replaceAll(/%../g, (pair) => random.pick([pair, "%", "%g0", "%0", "%00", "%FF"]))
    : escaped;
}
