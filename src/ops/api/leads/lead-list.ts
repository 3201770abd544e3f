import { z } from "zod";
import { isByDay, type LeadFilter, type ListKey, listLeads } from "../../../record/lead-lists.ts";
import type { Order } from "../../../record/timeline.ts";
import type { Deps } from "../../../ports/deps.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { chooseFormat, formatField, ndjsonWriter } from "../audit/export-format.ts";
import { refuseLimit, streamExport } from "../audit/export.ts";
import { id, instant, should, text } from "../input.ts";
import { DECISION, LEAD, LEAD_ID } from "./lead-examples.ts";
import { generationField, leadShape, outcomeField } from "./lead-shapes.ts";
import { pageQuery } from "../page.ts";
import { presentListed } from "../present.ts";
import { isoText, pageOf } from "../shapes.ts";

const FORMATS = ["json", "ndjson"] as const;
/** Leads of one part of an export: even so many of the largest stay well below a Worker's memory. */
const LEADS_PER_PART = 200;

const leadsQuery = z.strictObject({
  ...pageQuery.shape,
  format: formatField(FORMATS),
  order: z
    .enum(["asc", "desc"], { error: should("asc or desc") })
    .default("desc")
    .meta({ description: "`desc` = the newest first, `asc` = the oldest first." }),
  // Leads are stored with lower-case addresses of at most 254 characters.
  email: text(254)
    .toLowerCase()
    .optional()
    .meta({ description: "The whole address, in whatever case." }),
  owner: id.optional().meta({ description: "Who has the lead now." }),
  pod: text(63).optional().meta({ description: "The pod of the newest decision." }),
  rule: text(200).optional().meta({ description: "The rule of the newest decision." }),
  outcome: z
    .enum(["assigned", "unassigned", "pending"], {
      error: should("assigned, unassigned or pending"),
    })
    .optional()
    .meta({ description: "Of the newest decision; `pending` = there is none yet." }),
  source: text(500).optional().meta({ description: "As it was stored, case and all." }),
  chainVersion: text(64)
    .optional()
    .meta({ description: "The version of the rules that made the newest decision." }),
  from: instant.optional().meta({ description: "Received at or after." }),
  to: instant.optional().meta({ description: "Received before." }),
});

const listedLead = z
  .strictObject({
    lead: leadShape,
    decision: z
      .strictObject({
        generation: generationField,
        outcome: outcomeField,
        ownerId: z.string().nullable(),
        podId: z.string().nullable(),
        rule: z.string().nullable(),
        decidedAt: isoText,
      })
      .nullable()
      .meta({ description: "The newest decision in short; null = undecided." }),
  })
  .meta({ id: "ListedLead" });

const EXAMPLE: z.infer<typeof listedLead> = {
  lead: LEAD,
  decision: {
    generation: 1,
    outcome: "assigned",
    ownerId: "bo",
    podId: "dach",
    rule: "DACH",
    decidedAt: DECISION.decidedAt,
  },
};

/** Leads as a list, by every filter. */
export function leadListApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/leads",
      tag: "Leads",
      summary: "Leads, newest first",
      description: [
        "In the order of arrival; with `owner` and without `email` in that of the days the owner first got them. By `email`, by",
        "`owner` and by `outcome=unassigned` an index finds them. By anything else a page looks at a bounded number of",
        "leads: it may be short, or empty, and `nextCursor` carries on.",
        "",
        "As NDJSON the answer holds every lead from the cursor on that was received before it started. What is too long for one",
        "request (some 180,000 leads) ends with a line of type `cut_off` that names the cursor that carries on, and then with the",
        "connection broken off: narrow it with `from` and `to`.",
      ].join("\n"),
      query: leadsQuery,
      answers: {
        200: {
          description: "A page of leads, each with its newest decision in short; as NDJSON all.",
          schema: pageOf(listedLead),
          example: { items: [EXAMPLE], nextCursor: encodeCursor(["leads-desc", LEAD_ID]) },
          alsoAs: { "application/x-ndjson": ndjsonWriter().write([EXAMPLE]) },
        },
      },
    },
    async ({ deps, query, request }) => {
      const { limit, cursor, order } = query;
      const filter = filterOf(query);
      const after = cursor === undefined ? null : decodeListKey(cursor, order, filter);
      if (chooseFormat(request, query.format, FORMATS) === "ndjson") {
        refuseLimit(request);
        return exportLeads(deps, filter, order, after);
      }
      const { rows, next } = await listLeads(deps.db, filter, { order, after }, limit);
      const nextCursor = next && encodeListKey(next, order, filter);
      return {
        status: 200,
        body: { items: rows.map(presentListed), nextCursor },
        headers: { vary: "Accept" },
      };
    },
  );

  return api;
}

function filterOf(query: z.infer<typeof leadsQuery>): LeadFilter {
  const { email = null, owner = null, pod = null, rule = null, outcome = null } = query;
  const { source = null, chainVersion = null, from = null, to = null } = query;
  return { email, owner, pod, rule, outcome, source, chainVersion, from, to };
}

function exportLeads(
  deps: Deps,
  filter: LeadFilter,
  order: Order,
  start: ListKey | null,
): Response {
  // What comes in from now on is left out, or an export in ascending order might never end.
  const end = deps.now() + 1;
  const bounded = { ...filter, to: filter.to === null ? end : Math.min(filter.to, end) };
  return streamExport(deps, {
    name: "leads",
    writer: ndjsonWriter(),
    after: start,
    async read(after) {
      const { rows, next } = await listLeads(deps.db, bounded, { order, after }, LEADS_PER_PART);
      return { items: rows.map(presentListed), next };
    },
    cursorOf: (key) => encodeListKey(key, order, filter),
  });
}

/** A list's name in its cursors: one list refuses those of another. */
function nameOf(order: Order, filter: LeadFilter): string {
  return isByDay(filter) ? `owner-${order}` : `leads-${order}`;
}

function encodeListKey({ day, leadId }: ListKey, order: Order, filter: LeadFilter): string {
  const name = nameOf(order, filter);
  return encodeCursor(isByDay(filter) ? [name, day, leadId] : [name, leadId]);
}

function decodeListKey(cursor: string, order: Order, filter: LeadFilter): ListKey {
  const name = z.literal(nameOf(order, filter));
  if (!isByDay(filter)) {
    const [, leadId] = decodeCursor(cursor, z.tuple([name, z.string()]));
    return { day: "", leadId };
  }
  const [, day, leadId] = decodeCursor(cursor, z.tuple([name, z.string(), z.string()]));
  return { day, leadId };
}
