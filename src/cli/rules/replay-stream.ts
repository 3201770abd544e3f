import { isRecord, type JsonRecord } from "../../lib/json.ts";
import type { LiveAddress } from "./arguments.ts";
import { LiveError, type ClientIo } from "./router-client.ts";

/** A list that is not there as a whole after this long is given up: some hundred thousand lines take a minute. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Reads a list of the router's as NDJSON, whole: one too long for a single request says where to carry on.
 * @throws {LiveError} in words for whoever called; never holds the token
 */
export async function* streamList(
  address: LiveAddress,
  path: string,
  query: Readonly<Record<string, string>>,
  io: ClientIo,
): AsyncGenerator<JsonRecord> {
  let cursor: string | null = null;
  for (;;) {
    let next: string | null = null;
    const part = { ...query, format: "ndjson", ...(cursor !== null && { cursor }) };
    try {
      for await (const text of readLines(
        address,
        `${path}?${new URLSearchParams(part).toString()}`,
        io,
      )) {
        const line = parse(path, text);
        if (line["type"] === "cut_off" && typeof line["cursor"] === "string") next = line["cursor"];
        else yield line;
      }
    } catch (error) {
      // After the line that says where to carry on, the connection is broken off on purpose.
      if (next === null) throw error;
    }
    if (next === null) return;
    if (next === cursor) throw new LiveError(`${path} does not get on.`);
    cursor = next;
  }
}

async function* readLines(
  { url, token }: LiveAddress,
  path: string,
  io: ClientIo,
): AsyncGenerator<string> {
  const response = await ask(`${url}${path}`, token, path, io);
  if (!response.ok || response.body === null)
    throw new LiveError(
      response.status === 401
        ? "The token was refused (401)."
        : `${nameOf(path)} answered ${response.status}: is the router older than this?`,
    );
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines.filter((line) => line !== "");
    }
  } catch (error) {
    if (error instanceof LiveError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LiveError(`${nameOf(path)} broke off (${why}): try a shorter period.`, {
      cause: error,
    });
  }
  if (rest !== "") yield rest;
}

async function ask(url: string, token: string, path: string, io: ClientIo): Promise<Response> {
  try {
    return await io.fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: "application/x-ndjson" },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LiveError(`${nameOf(path)} was not answered (${why}).`, { cause: error });
  }
}

function parse(path: string, text: string): JsonRecord {
  try {
    const line: unknown = JSON.parse(text);
    if (isRecord(line)) return line;
  } catch (error) {
    throw new LiveError(`${path} answered a line that is no JSON.`, { cause: error });
  }
  throw new LiveError(`${path} answered a line that is no object.`);
}

/** Without the query: instants and cursors say nothing to people. */
function nameOf(path: string): string {
  return path.split("?")[0] ?? path;
}
