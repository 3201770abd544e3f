import type { Deps } from "../../../ports/deps.ts";
import { failureMessage, RouterError } from "../../../lib/failure.ts";
import type { Writer } from "./export-format.ts";
import { Problem } from "../problem.ts";

/**
 * Reads of an export, each of one statement: D1 allows a request 1,000 statements, and the router needs a few besides.
 */
const MOST_READS = 900;

/** A list to be answered whole. */
export interface Export<Item, Key> {
  /** What the file is called before its date: "audit". */
  readonly name: string;
  readonly writer: Writer<Item>;
  /** Where to begin; null = at the start of the list. */
  readonly after: Key | null;
  /** Some items after this key, in one statement; `next` null = the list ends with them. */
  readonly read: (
    after: Key | null,
  ) => Promise<{ readonly items: readonly Item[]; readonly next: Key | null }>;
  /** The cursor that carries on after this key. */
  readonly cursorOf: (key: Key) => string;
}

/**
 * Answers with the whole list as a stream: the next part is read when the client has taken the one before, so that one
 * part at a time is in memory. A list too long for one request, or one that cannot be read on, ends with the
 * connection broken off: no client takes the file for whole.
 */
export function streamExport<Item, Key>(deps: Deps, list: Export<Item, Key>): Response {
  const { mediaType, extension } = list.writer;
  const day = new Date(deps.now()).toISOString().slice(0, 10);
  return new Response(streamText(deps, list.name, writeParts(list, MOST_READS)), {
    headers: {
      "content-type": mediaType,
      "content-disposition": `attachment; filename="${list.name}-${day}.${extension}"`,
      vary: "Accept",
    },
  });
}

/** @throws {Problem} bad_request when a limit is asked of an export: it would be a file that looks whole and is not */
export function refuseLimit(request: Request): void {
  if (!new URL(request.url).searchParams.has("limit")) return;
  const message = "is for pages of JSON; an export holds all from `from` to `to`";
  throw new Problem("bad_request", `The limit ${message}.`, [{ field: "limit", message }]);
}

/** The text of an export, part by part. Throws after `mostReads`, having said so in a line of its own. */
export async function* writeParts<Item, Key>(
  { writer, after, read, cursorOf }: Omit<Export<Item, Key>, "name">,
  mostReads: number,
): AsyncGenerator<string, void, undefined> {
  if (writer.head !== "") yield writer.head;
  let key = after;
  for (let reads = 0; reads < mostReads; reads++) {
    const { items, next } = await read(key);
    if (items.length > 0) yield writer.write(items);
    if (next === null) return;
    key = next;
  }
  const why =
    "there is more than one request can read. Narrow it with from and to, or carry on with this cursor.";
  if (key !== null) yield writer.cutOff(why, cursorOf(key));
  throw new RouterError("the export is longer than one request can read");
}

function streamText(
  deps: Deps,
  name: string,
  parts: AsyncGenerator<string, void, undefined>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await parts.next();
          if (done === true) controller.close();
          else controller.enqueue(encoder.encode(value));
        } catch (error) {
          deps.log("error", "export_failed", { export: name, error: failureMessage(error) });
          controller.error(error);
        }
      },
      async cancel() {
        await parts.return();
      },
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  );
}
