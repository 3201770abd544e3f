import { failureMessage } from "../lib/failure.ts";
import { readRetryAfter } from "../lib/http.ts";
import type { Deps } from "../ports/deps.ts";

/**
 * Posts a body, to Slack or to a destination, and reads the answer. Redirects are not followed: they turn a POST into a GET of
 * some page, whose 200 says nothing, and can lead anywhere. Yields words where no answer came: it may have arrived or not.
 */
export async function post<Body>(
  { fetch }: Pick<Deps, "fetch">,
  url: string,
  init: Required<Pick<RequestInit, "headers" | "body">>,
  read: (response: Response) => Promise<Body>,
): Promise<{ readonly response: Response; readonly body: Body } | string> {
  try {
    const response = await fetch(url, { ...init, method: "POST", redirect: "manual" });
    return { response, body: await read(response) };
  } catch (error) {
    return noAnswer(error);
  }
}

/** Not the error's own message: workerd's quotes the URL, which may be a secret. */
export function noAnswer(error: unknown): string {
  return `did not answer (${failureMessage(error)})`;
}

/** The longest wait that an answer can ask for, in milliseconds: a mistake over there should not silence it for a day. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** How long `Retry-After` asks to wait, in milliseconds, an hour at most; null where it does not. */
export function askedMs(headers: Headers | undefined, now: number): number | null {
  const asked = readRetryAfter(headers?.get("retry-after"), now);
  return asked === null ? null : Math.min(asked, LONGEST_WAIT_MS);
}
