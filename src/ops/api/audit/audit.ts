import { z } from "zod";
import {
  newestCommit,
  readTimeline,
  type TimelineFilter,
  type TimelineItem,
} from "../../audit/timeline.ts";
import type { Order, Place } from "../../../record/timeline.ts";
import type { Deps } from "../../../ports/deps.ts";
import { rows } from "../../../lib/query.ts";
import { presentItem, TIMELINE, timelineItem, timelineWriters } from "./audit-items.ts";
import { AUDIT_FORMATS, auditQuery, filterOf } from "./audit-query.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { chooseFormat } from "./export-format.ts";
import { refuseLimit, streamExport } from "./export.ts";
import { pageOf } from "../shapes.ts";

/** Looks at the timeline a page takes before it is answered short: each reads a bounded number of rows. */
const SCANS_PER_PAGE = 4;
/** Items of one part of an export: with the largest trails, of several pods of fifty, some ten megabytes. */
const ITEMS_PER_PART = 250;
/** Keys looked at for one part: of a rare kind a whole export then looks at close to two million. */
const KEYS_PER_PART = 2_000;

const placeKey = z.tuple([z.enum(["audit-asc", "audit-desc"]), z.int(), z.int()]);

/** The audit as one timeline. */
export function auditApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/audit",
      tag: "Audit",
      summary: "What happened, and who did it?",
      description: [
        "Decisions and events, of leads and of the configuration, as one timeline in the order of commits.",
        "",
        "Pages hold nothing twice and miss nothing, whatever is written meanwhile. A page may be short though",
        "`nextCursor` carries on: each looks at a bounded number of rows.",
        "",
        "To follow what happens, read with `order=asc` and keep the last cursor. There `nextCursor` is null only when",
        "nothing at all has been written since the cursor sent: wait, and send the same one again.",
        "",
        "As CSV and NDJSON the answer holds everything from the cursor on, up to what is written when it starts. What is too long",
        "for one request (some 200,000 items) ends with a line that says so and names the cursor that carries on",
        "(in NDJSON of type `cut_off`), and then with the connection broken off: narrow it with `from` and `to`.",
      ].join("\n"),
      query: auditQuery,
      answers: {
        200: {
          description: "A page of the timeline; as CSV and NDJSON all of it.",
          schema: pageOf(timelineItem),
          example: { items: TIMELINE, nextCursor: encodeCursor(["audit-desc", 4, 0]) },
          alsoAs: {
            "text/csv": timelineWriters.csv.head + timelineWriters.csv.write(TIMELINE),
            "application/x-ndjson": timelineWriters.ndjson.write(TIMELINE),
          },
        },
      },
    },
    async ({ deps, query, request }) => {
      const { order, limit, cursor } = query;
      const filter = filterOf(query);
      const after = cursor === undefined ? null : decodePlace(cursor, order);
      const format = chooseFormat(request, query.format, AUDIT_FORMATS);
      if (format !== "json") {
        refuseLimit(request);
        return exportTimeline(deps, filter, order, after, format);
      }
      const { items, next } = await readPage(deps.db, filter, order, after, limit);
      const nextCursor = next && encodePlace(order, next);
      return {
        status: 200,
        body: { items: items.map(presentItem), nextCursor },
        headers: { vary: "Accept" },
      };
    },
  );

  return api;
}

/** A page, and where the next one starts: backwards null at the end, forwards null when nothing was there to look at. */
async function readPage(
  db: D1Database,
  filter: TimelineFilter,
  order: Order,
  start: Place | null,
  limit: number,
): Promise<{ items: readonly TimelineItem[]; next: Place | null }> {
  const items: TimelineItem[] = [];
  let after = start;
  let moved = false;
  let more = true;
  for (let scans = 0; more && scans < SCANS_PER_PAGE && items.length < limit; scans++) {
    const position = { order, after, upTo: null };
    const part = await readTimeline(db, filter, position, limit - items.length);
    items.push(...part.items);
    moved ||= part.end !== null;
    after = part.end ?? after;
    more = part.more;
  }
  return { items, next: more || (order === "asc" && moved) ? after : null };
}

async function exportTimeline(
  deps: Deps,
  filter: TimelineFilter,
  order: Order,
  after: Place | null,
  format: keyof typeof timelineWriters,
): Promise<Response> {
  const [newest] = await rows(deps.db, newestCommit());
  // What is written from now on is left out, or an export in ascending order might never end.
  const upTo = newest?.no ?? 0;
  return streamExport(deps, {
    name: "audit",
    writer: timelineWriters[format],
    after,
    async read(key) {
      const position = { order, after: key, upTo };
      const part = await readTimeline(deps.db, filter, position, ITEMS_PER_PART, KEYS_PER_PART);
      return { items: part.items.map(presentItem), next: part.more ? part.end : null };
    },
    cursorOf: (place) => encodePlace(order, place),
  });
}

function encodePlace(order: Order, { no, place }: Place): string {
  return encodeCursor([`audit-${order}`, no, place]);
}

function decodePlace(cursor: string, order: Order): Place {
  const [, no, place] = decodeCursor(
    cursor,
    placeKey.refine(([name]) => name === `audit-${order}`),
  );
  return { no, place };
}
