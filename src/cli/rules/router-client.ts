import { z } from "zod";
import type { LiveAddress } from "./arguments.ts";

/** Why a running router could not be asked, in words for whoever called. Never holds the token. */
export class LiveError extends Error {
  override readonly name = "LiveError";
}

export interface ClientIo {
  readonly fetch: typeof fetch;
}

export interface RouterClient {
  /** @throws {LiveError} on whatever is not the answer asked for */
  get<Answer>(path: string, answer: z.ZodType<Answer>): Promise<Answer>;
  /** As `get`; null where the router has no such call. */
  find<Answer>(path: string, answer: z.ZodType<Answer>): Promise<Answer | null>;
  /** @throws {LiveError} as `get`; then nothing is known of whether it took effect */
  post<Answer>(path: string, body: object, answer: z.ZodType<Answer>): Promise<Answer>;
}

/** Milliseconds one call may take: the slowest asks every pod once. */
const PATIENCE_MS = 15_000;

const problem = z.object({ detail: z.string() });

export function createRouterClient({ url, token }: LiveAddress, io: ClientIo): RouterClient {
  return {
    async get(path, schema) {
      const response = await call(path);
      if (!response.ok) throw await refused(path, response);
      return await read(path, response, schema);
    },
    async find(path, schema) {
      const response = await call(path);
      if (response.status === 404) return null;
      if (!response.ok) throw await refused(path, response);
      return await read(path, response, schema);
    },
    async post(path, body, schema) {
      const response = await call(path, body);
      if (!response.ok) throw await refused(path, response);
      return await read(path, response, schema);
    },
  };

  async function call(path: string, body?: object): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
    try {
      return await io.fetch(`${url}${path}`, {
        ...(body === undefined
          ? { headers }
          : {
              method: "POST",
              headers: { ...headers, "content-type": "application/json" },
              body: JSON.stringify(body),
            }),
        // A login page in front of the router answers with a way to itself.
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      throw new LiveError(`${new URL(url).host} did not answer (${causeOf(error)}).`, {
        cause: error,
      });
    }
  }

  async function refused(path: string, response: Response): Promise<LiveError> {
    const { status } = response;
    if (status === 401) return new LiveError("The token was refused (401).");
    if (status >= 300 && status < 400)
      return new LiveError(
        `${path} leads elsewhere (${status}): a login stands before the router.`,
      );
    if (status === 404)
      return new LiveError(`${new URL(url).host} has no ${path} (404): is that a lead-router?`);
    const detail = problem.safeParse(await response.json().catch(() => null)).data?.detail;
    return new LiveError(
      `${path} answered ${status}: ${toPrintable(detail ?? "without saying why")}`,
    );
  }

  async function read<Answer>(
    path: string,
    response: Response,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new LiveError(
      `${path} answered something that is not understood: is the router older or newer than this?`,
    );
  }
}

/** "connection refused", "no such host", "no answer in 15 s". */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${PATIENCE_MS / 1000} s`;
  const { cause = error } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = "code" in cause ? String(cause.code) : cause.message;
  return CAUSES.get(code) ?? code;
}

const CAUSES: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection lost"],
  ["ENOTFOUND", "no such host"],
  ["EAI_AGAIN", "the host's name was not found"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
]);

function toPrintable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
