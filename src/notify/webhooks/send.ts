import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { readRetryAfter } from "../../lib/http.ts";
import type { EventPayload } from "./payload.ts";
import type { Receiver } from "./receiver.ts";
import { sign } from "./sign.ts";

/** What became of a try. No cause quotes the URL, or what was answered: a page of somebody's error may hold the lead. */
export type Tried =
  | { readonly outcome: "delivered"; readonly status: number }
  /** It goes again. */
  | {
      readonly outcome: "again";
      readonly cause: string;
      /** `destination`: it takes nothing just now; `asked`: it says so itself; `delivery`: it is about this one. */
      readonly whose: "destination" | "asked" | "delivery";
      /** What `Retry-After` asks for, in milliseconds. */
      readonly askedMs: number | null;
    }
  /** It will be refused for ever. */
  | { readonly outcome: "refused"; readonly cause: string }
  /** 410: nobody is there any more. */
  | { readonly outcome: "gone"; readonly cause: string };

/**
 * The answers of 4xx that say that this body will never do. Any other is of the receiver's making, and may be over tomorrow:
 * a key that expired, a route that is missing since the last deployment, a login in front of it all.
 */
const FOR_EVER: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** The answers of 4xx that are not about the destination as a whole: about one delivery, or about when. */
const PASSING: ReadonlyMap<number, "asked" | "delivery"> = new Map([
  [408, "delivery"],
  [409, "delivery"],
  [425, "delivery"],
  [429, "asked"],
]);

/** Posts one event, signed. Redirects are not followed: they could lead anywhere, and would be signed for elsewhere. */
export async function send(
  deps: Pick<Deps, "fetch" | "now">,
  { url, keys }: Receiver,
  id: string,
  payload: EventPayload,
): Promise<Tried> {
  const body = utf8ToBytes(JSON.stringify(payload));
  const headers = {
    ...(await sign(keys, id, deps.now(), body)),
    "content-type": "application/json",
    "user-agent": "lead-router",
  };
  let response: Response;
  try {
    response = await deps.fetch(url, { method: "POST", headers, body, redirect: "manual" });
    // Nobody reads it, and an open one holds one of a Worker's six connections.
    await response.body?.cancel();
  } catch (error) {
    // Not its message: workerd's quotes the URL, which may be a secret.
    const cause = `did not answer (${failureMessage(error)})`;
    return { outcome: "again", cause, whose: "destination", askedMs: null };
  }
  return readAnswer(response, deps.now());
}

function readAnswer({ status, headers }: Response, now: number): Tried {
  if (status >= 200 && status < 300) return { outcome: "delivered", status };
  const note = status >= 300 && status < 400 ? ", and redirects are not followed" : "";
  const cause = `answered ${status}${note}`;
  if (status === 410) return { outcome: "gone", cause };
  if (FOR_EVER.has(status)) return { outcome: "refused", cause };
  const passing = PASSING.get(status);
  const askedMs = readRetryAfter(headers.get("retry-after"), now);
  const whose = passing ?? (askedMs === null ? "destination" : "asked");
  return { outcome: "again", cause, whose, askedMs };
}
