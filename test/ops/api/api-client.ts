import { withDeps } from "../../with-deps.ts";
import { apiApp } from "../../../src/ops/api/app.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import { checkAnswer } from "./contract.ts";

export const WRITER = "Bearer write-token";
export const READER = "Bearer read-token";

/**
 * Calls the API in process with the token of `ana`, who may write, and yields status and body, parsed where it is
 * JSON. A secret of null is unset. Each answer is held against the OpenAPI document.
 */
export function apiClient(
  deps: Deps,
  secret: string | null = "ana:write:write-token,rolf:read:read-token",
) {
  const app = withDeps(apiApp(), () => deps);
  // What a route takes from the platform comes in by `deps`; of the bindings it sees the secret alone.
  const env = secret === null ? {} : { API_TOKENS: secret };
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await app.request(
      path,
      {
        method,
        headers: { Authorization: WRITER, ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      },
      env,
    );
    const { status } = response;
    const text = await response.text();
    const type = response.headers.get("Content-Type");
    const isJson = text !== "" && /[/+]json\b/.test(type ?? "");
    const json: unknown = isJson ? JSON.parse(text) : null;
    checkAnswer(method, `/api${path}`, status, type, json);
    return { status, headers: response.headers, text, json };
  };
}

/** The fields that a refused request names, each with its message. */
export function refusedFields(json: unknown): Record<string, string> {
  if (
    typeof json !== "object" ||
    json === null ||
    !("errors" in json) ||
    !Array.isArray(json.errors)
  )
    return {};
  return Object.fromEntries(json.errors.map(({ field, message }) => [field, message]));
}
