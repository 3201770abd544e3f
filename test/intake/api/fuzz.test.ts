import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { fieldsToRead, fieldsToStore, sortFields } from "../../../src/intake/forms/controls.ts";
import { form } from "../../../src/rules/form.ts";
import { flattenHubspot } from "../../../src/intake/forms/dialects.ts";
import { type Body, readBody } from "../../../src/intake/body/body.ts";
import { isNestedDeeper, MAX_DEPTH, parseLead } from "../../../src/intake/draft/parse-lead.ts";
import type { Refusal } from "../../../src/intake/answer.ts";
import { Random } from "../../simulation/random.ts";
import { drawPost, type Post } from "./hostile-bodies.ts";
import { MARK } from "./hostile-text.ts";

const POSTS = 100_000;
/** Other bodies: FC_SEED=$RANDOM, as for the property tests. */
const SEED = Number(process.env["FC_SEED"] ?? 20_261_122);
/** Milliseconds for one body: the slowest takes about 40 on its own. A regular expression that backtracks takes minutes. */
const BODY_LIMIT_MS = 3_000;
/** Bytes that stay between the tenth part of the bodies and the last, at most: a leak of 300 bytes a body would be 27 MB. */
const GROWTH_LIMIT = 16_000_000;

const CONTACT = form("contact", { honeypot: "trap", fieldAliases: { score: "budget" } });

/** Reads a body that arrives in one piece, or in pieces of these lengths in turn. */
async function read(
  { contentType, body }: Post,
  lengths: readonly number[],
): Promise<Body | Refusal> {
  const init = {
    method: "POST",
    headers: contentType === "" ? {} : { "Content-Type": contentType },
    body: lengths.length === 0 ? body : cut(body, lengths),
    duplex: "half",
  };
  return await readBody(new Request("https://router.test/f/contact", init));
}

function cut(body: Uint8Array, lengths: readonly number[]): ReadableStream<Uint8Array> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      const length = lengths[turn++ % lengths.length] ?? 1;
      if (at < body.byteLength) controller.enqueue(body.slice(at, at + length));
      else controller.close();
      at += length;
    },
  });
}

/** The ways from a body to a lead: the door of the API, that of the forms, and the latter for HubSpot's. */
const WAYS: readonly ((fields: Body["fields"]) => Body["fields"])[] = [
  (fields) => fields,
  (fields) => fieldsToRead(sortFields(CONTACT, fields)),
  (fields) => fieldsToRead(sortFields(CONTACT, flattenHubspot(fields))),
];

/** What would be stored, as D1 and the queue get it; null when it is refused. */
function writeLead(sent: Body["fields"]): string | null {
  const parsed = parseLead(sent);
  if (parsed.ok) {
    const fields = fieldsToStore(CONTACT, parsed.draft.fields);
    return JSON.stringify({ ...parsed.draft, fields });
  }
  if (parsed.errors.every(({ code, message }) => code !== "" && message !== "")) return null;
  throw new Error("a refusal without words");
}

/** A NUL or half a character, as JSON writes them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Whether D1 and the queue take it: whole text only, and JSON that is not too deep. */
function isStorable(stored: string): boolean {
  return (
    stored.isWellFormed() &&
    !UNSTORABLE.test(stored) &&
    !isNestedDeeper(JSON.parse(stored), MAX_DEPTH + 2)
  );
}

/** A body as text, to compare; of one that is too deep to be written its depth is enough. */
function write(body: Body | Refusal): string {
  return body.ok && isNestedDeeper(body.fields, 500) ? "deep" : JSON.stringify(body);
}

/** Yields what is used of the memory once all that can go is gone, in bytes. */
function memoryMeter(): () => number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  return () => {
    if (typeof collect === "function") collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}

it(`takes or refuses ${POSTS} bodies, whatever they are: no fault, no delay, no leak`, async () => {
  const random = new Random(SEED);
  const memory = memoryMeter();
  const outcomes = new Map<number, number>();
  const note = (status: number) => outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
  let before = 0;
  let slowest = 0;
  for (let nth = 0; nth < POSTS; nth++) {
    if (nth === POSTS / 10) before = memory();
    const post = drawPost(random);
    const way = random.pick(WAYS);
    const pieces = random.chance(0.1) ? [random.whole(1, 40), random.whole(1, 4_000)] : [];
    try {
      const start = performance.now();
      const body = await read(post, pieces);
      const lead = body.ok ? writeLead(way(body.fields)) : null;
      slowest = Math.max(slowest, performance.now() - start);
      if (lead !== null && !isStorable(lead)) throw new Error(`not storable: ${lead}`);
      note(!body.ok ? body.status : lead === null ? 422 : 200);
      if (!body.ok && body.errors[0].message.includes(MARK)) throw new Error("it is quoted");
      // However it is cut on its way, it is the same body.
      if (pieces.length > 0) expect(write(await read(post, []))).toBe(write(body));
    } catch (error) {
      const sent = Buffer.from(post.body).toString("base64").slice(0, 2_000);
      throw new Error(`FC_SEED=${SEED}, body ${nth}: ${post.contentType} ${sent}`, {
        cause: error,
      });
    }
  }
  expect(slowest).toBeLessThan(BODY_LIMIT_MS);
  expect(memory() - before).toBeLessThan(GROWTH_LIMIT);
  // Every way out is gone often, so that none of the above is empty words.
  expect([...outcomes.keys()].toSorted()).toEqual([200, 400, 413, 415, 422]);
  expect(Math.min(...outcomes.values())).toBeGreaterThan(POSTS / 1_000);
}, 240_000);
