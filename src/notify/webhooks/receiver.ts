import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { importHmacKey, readSigningKey } from "../../lib/digest.ts";
import type { Deps } from "../../ports/deps.ts";
import { isSecretName } from "../../rules/declarations.ts";
import type { Destination } from "../../rules/destination.ts";
import { findUrlProblem } from "../../rules/urls.ts";
import { notSet } from "../announcement.ts";
import { askedMs, post } from "../post.ts";

/** Where a destination's events go, and what signs them. Never logged, never stored. */
export interface Receiver {
  readonly url: string;
  readonly keys: readonly Uint8Array[];
}

/** What the present secrets make of a destination; words when nothing can be sent there. They quote no value. */
export function receiverOf(
  { secret }: Pick<Deps, "secret">,
  { url: declared, secrets }: Destination,
): Receiver | string {
  const named = isSecretName(declared);
  const url = named ? secret(declared) : declared;
  if (url === null) return notSet([declared]);
  // Checked again here: what a secret holds is known only now.
  const problem = findUrlProblem(url);
  if (problem !== null) return `${named ? declared : "the URL"} ${problem}`;
  const keys: Uint8Array[] = [];
  for (const name of secrets) {
    const value = secret(name);
    if (value === null) continue;
    const key = readSigningKey(value);
    if (key === null) return `${name} is not a Standard Webhooks secret: whsec_ and base64`;
    keys.push(key);
  }
  return keys.length === 0 ? notSet(secrets) : { url, keys };
}

/** What became of a try. No cause quotes the URL, or what was answered: somebody's error page may hold the lead. */
export type Tried =
  | { readonly outcome: "delivered"; readonly status: number }
  /** It goes again. */
  | {
      readonly outcome: "again";
      readonly cause: string;
      /** `destination`: it accepts nothing just now; `asked`: it says so itself; `delivery`: it is about this one. */
      readonly whose: "destination" | "asked" | "delivery";
      /** What `Retry-After` asks for, in milliseconds. */
      readonly askedMs: number | null;
    }
  /** It would be refused every time. */
  | { readonly outcome: "refused"; readonly cause: string }
  /** 410: the destination does not exist any more. */
  | { readonly outcome: "gone"; readonly cause: string };

/**
 * The answers of 4xx that say that this body will never be accepted. Any other has its cause at the receiver, and may be over
 * tomorrow: a key that expired, a route that is missing since the last deployment, a login in front of it all.
 */
const PERMANENT: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** The answers of 4xx that are not about the destination as a whole: about one delivery, or about when. */
const PASSING: ReadonlyMap<number, "asked" | "delivery"> = new Map([
  [408, "delivery"],
  [409, "delivery"],
  [425, "delivery"],
  [429, "asked"],
]);

/** Posts one event, signed. A redirect, if it were followed, would be signed for elsewhere. */
export async function send(
  deps: Pick<Deps, "fetch" | "now">,
  { url, keys }: Receiver,
  id: string,
  event: object,
): Promise<Tried> {
  const body = utf8ToBytes(JSON.stringify(event));
  const headers = {
    ...(await sign(keys, id, deps.now(), body)),
    "content-type": "application/json",
    "user-agent": "lead-router",
  };
  // Nobody reads the answer, and an open one holds one of a Worker's six connections.
  const cancel = async (response: Response) => await response.body?.cancel();
  const answer = await post(deps, url, { headers, body }, cancel);
  return typeof answer === "string"
    ? { outcome: "again", cause: answer, whose: "destination", askedMs: null }
    : readAnswer(answer.response, deps.now());
}

/** The headers of Standard Webhooks: one `v1` signature a key. @param at milliseconds since the epoch, of this very try */
async function sign(
  keys: readonly Uint8Array[],
  id: string,
  at: number,
  body: Uint8Array,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.floor(at / 1000));
  const signed = concatBytes(utf8ToBytes(`${id}.${timestamp}.`), body);
  const signatures = await Promise.all(
    keys.map(async (bytes) => {
      const key = await importHmacKey(bytes, "sign");
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
      return `v1,${btoa(String.fromCharCode(...mac))}`;
    }),
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

function readAnswer({ status, headers }: Response, now: number): Tried {
  if (status >= 200 && status < 300) return { outcome: "delivered", status };
  const note = status >= 300 && status < 400 ? ", and redirects are not followed" : "";
  const cause = `answered ${status}${note}`;
  if (status === 410) return { outcome: "gone", cause };
  if (PERMANENT.has(status)) return { outcome: "refused", cause };
  const asked = askedMs(headers, now);
  const whose = PASSING.get(status) ?? (asked === null ? "destination" : "asked");
  return { outcome: "again", cause, whose, askedMs: asked };
}
