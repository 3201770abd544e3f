import fc from "fast-check";
import { expect } from "vitest";
import { checkAnswer } from "./contract.ts";
import type { FuzzedCall } from "./fuzz-calls.ts";

/** Of a stack, of SQL, of an engine's error. */
const INSIDE =
  /\n\s+at |\.(?:ts|js):\d+|node:|\b(?:SELECT|INSERT|UPDATE|DELETE FROM|json_each|SQLITE|D1_\w+|TypeError|RangeError|SyntaxError)\b/;

/** Sends a call, and fails the test unless the answer is one that the document names and tells nothing of the inside. */
export async function expectDecentAnswer(
  call: FuzzedCall,
  authorization: string,
  send: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  const request = requestOf(call, authorization);
  fc.pre(request !== null);
  const { pathname, search } = new URL(request.url);
  const response = await send(request);
  const { status } = response;
  const type = response.headers.get("content-type");
  const text = await response.text();

  expect(status).not.toBe(500);
  if (status >= 400) {
    expect(type).toBe("application/problem+json");
    expect(text).not.toMatch(INSIDE);
  }
  // A parameter of the path that is left empty makes it the path of another call, or of none.
  const isNamed = !pathname.split("/").slice(1).includes("");
  if (call.method === "HEAD" || !isNamed) return;
  const isJson = text !== "" && /[/+]json\b/.test(type ?? "");
  const json = isJson ? JSON.parse(text) : null;
  checkAnswer(call.method, `/api${pathname}${search}`, status, type, json);
}

/** Null when no request can be made of it: then nobody can send it either. */
function requestOf(
  { method, path, body, headers }: FuzzedCall,
  authorization: string,
): Request | null {
  try {
    return new Request(`http://localhost${path}`, {
      method,
      headers: { ...headers, authorization },
      ...(body !== null && method !== "HEAD" && { body }),
    });
  } catch {
    return null;
  }
}
