import { z } from "zod";
import { isRecord, type JsonRecord } from "../../lib/json.ts";
import type { LiveAddress } from "./arguments.ts";

/** Why a running router could not be asked, in words for the caller. Never holds the token. */
export class LiveError extends Error {
  override readonly name = "LiveError";
}

export interface ClientIo {
  readonly fetch: typeof fetch;
}

/** All throw a `LiveError` on anything other than the answer asked for. */
export interface RouterClient {
  get<Answer>(path: string, answer: z.ZodType<Answer>): Promise<Answer>;
  /** As `get`; null where the router has no such call. */
  find<Answer>(path: string, answer: z.ZodType<Answer>): Promise<Answer | null>;
  /** As `get`; when it throws, nothing is known of whether it took effect. */
  post<Answer>(path: string, body: object, answer: z.ZodType<Answer>): Promise<Answer>;
  /** The pages of a list, each with whether another one follows. */
  pages<Item>(path: string, item: z.ZodType<Item>): AsyncGenerator<Page<Item>>;
  /** A whole list as NDJSON: one too long for a single request says where to carry on. */
  stream(path: string, query: Readonly<Record<string, string>>): AsyncGenerator<JsonRecord>;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly more: boolean;
}

/** Milliseconds one call may take: the slowest asks every pod once. */
const PATIENCE_MS = 15_000;
/** A list that is not there as a whole after this long is given up: some hundred thousand lines take a minute. */
const STREAM_PATIENCE_MS = 10 * 60_000;
/** Items a page asks for: the most that the API gives. */
const PAGE = 200;

const problem = z.object({ detail: z.string() });

export function createRouterClient({ url, token }: LiveAddress, io: ClientIo): RouterClient {
  const { host } = new URL(url);
  const client: RouterClient = {
    async get(path, schema) {
      return await read(path, await accepted(path, await call(path)), schema);
    },
    async find(path, schema) {
      const response = await call(path);
      if (response.status === 404) return null;
      return await read(path, await accepted(path, response), schema);
    },
    async post(path, body, schema) {
      return await read(path, await accepted(path, await call(path, { body })), schema);
    },
    async *pages(path, item) {
      const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
      let cursor: string | null = null;
      do {
        const at: string = `${path}?${queryOf({ limit: String(PAGE) }, cursor)}`;
        const { items, nextCursor }: z.infer<typeof page> = await client.get(at, page);
        yield { items, more: nextCursor !== null };
        cursor = nextCursor;
      } while (cursor !== null);
    },
    async *stream(path, query) {
      let cursor: string | null = null;
      for (;;) {
        let next: string | null = null;
        try {
          for await (const line of streamPart(
            path,
            queryOf({ ...query, format: "ndjson" }, cursor),
          )) {
            if (line["type"] === "cut_off" && typeof line["cursor"] === "string")
              next = line["cursor"];
            else yield line;
          }
        } catch (error) {
          // After the line that says where to carry on, the connection is broken off on purpose.
          if (next === null) throw error;
        }
        if (next === null) return;
        if (next === cursor) throw new LiveError(`${path} repeats the same part without end.`);
        cursor = next;
      }
    },
  };
  return client;

  async function call(
    path: string,
    { body, accept = "application/json", patience = PATIENCE_MS }: CallOptions = {},
  ): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, accept };
    const post = {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    try {
      return await io.fetch(`${url}${path}`, {
        ...(body === undefined ? { headers } : post),
        // A login page in front of the router answers with a redirect to itself.
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
      });
    } catch (error) {
      throw new LiveError(`${host} did not answer (${causeOf(error, patience)}).`, {
        cause: error,
      });
    }
  }

  async function accepted(path: string, response: Response): Promise<Response> {
    const { ok, status } = response;
    if (ok) return response;
    if (status === 401) throw new LiveError("The token was refused (401).");
    const name = nameOf(path);
    if (status >= 300 && status < 400)
      throw new LiveError(
        `${name} redirects (${status}): there is a login in front of the router.`,
      );
    if (status === 404)
      throw new LiveError(`${host} has no ${name} (404): is it a lead-router, and up to date?`);
    const detail = problem.safeParse(await response.json().catch(() => null)).data?.detail;
    const why = (detail ?? "no reason given").replace(/\p{Cc}+/gu, " ");
    throw new LiveError(`${name} answered ${status}: ${why}`);
  }

  async function read<Answer>(
    path: string,
    response: Response,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new LiveError(
      `${nameOf(path)} gave an answer of an unknown form: is the router older or newer than this?`,
    );
  }

  async function* streamPart(path: string, query: string): AsyncGenerator<JsonRecord> {
    const options = { accept: "application/x-ndjson", patience: STREAM_PATIENCE_MS };
    const { body } = await accepted(path, await call(`${path}?${query}`, options));
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of body ?? []) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line !== "") yield parseLine(path, line);
      }
    } catch (error) {
      if (error instanceof LiveError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new LiveError(`${path} broke off (${why}): try a shorter period.`, { cause: error });
    }
    if (rest !== "") yield parseLine(path, rest);
  }
}

interface CallOptions {
  readonly body?: object;
  readonly accept?: string;
  /** Milliseconds. */
  readonly patience?: number;
}

function queryOf(query: Readonly<Record<string, string>>, cursor: string | null): string {
  return new URLSearchParams({ ...query, ...(cursor !== null && { cursor }) }).toString();
}

function parseLine(path: string, text: string): JsonRecord {
  try {
    const line: unknown = JSON.parse(text);
    if (isRecord(line)) return line;
  } catch (error) {
    throw new LiveError(`${path} answered a line that is not JSON.`, { cause: error });
  }
  throw new LiveError(`${path} answered a line that is not a JSON object.`);
}

/** Without the query: instants and cursors say nothing to people. */
function nameOf(path: string): string {
  return path.split("?")[0] ?? path;
}

/** "connection refused", "no such host", "no answer in 15 s". */
function causeOf(error: unknown, patience: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${patience / 1000} s`;
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
