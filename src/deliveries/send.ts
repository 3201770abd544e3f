import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
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

/** The answers of 4xx that may be another one tomorrow, and which of them are about this delivery alone. */
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
  const cause = `answered ${status}`;
  if (status === 410) return { outcome: "gone", cause };
  const passing = PASSING.get(status);
  if (status < 500 && passing === undefined)
    return {
      outcome: "refused",
      cause: status < 400 ? `${cause}, and redirects are not followed` : cause,
    };
  const askedMs = readRetryAfter(headers.get("retry-after"), now);
  const whose = passing ?? (askedMs === null ? "destination" : "asked");
  return { outcome: "again", cause, whose, askedMs };
}

/** Seconds, or a date of HTTP (RFC 9110, 10.2.3); yields milliseconds, null where it says nothing that is understood. */
export function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const instant = Date.parse(value);
  return Number.isNaN(instant) ? null : Math.max(0, instant - now);
}
