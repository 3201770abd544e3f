import { z } from "zod";
import { rows } from "../../lib/query.ts";
import {
  adapterOf,
  KEPT_MS,
  KEPT_REASONS,
  keptById,
  type KeptDelivery,
  keptFromRow,
  type KeptRow,
  listKept,
  replayDelivery,
  TROUBLE,
} from "../../intake/index.ts";
import { findSourceByName, type Source } from "../../rules/source.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { should } from "./input.ts";
import { LEAD_ID } from "./leads/lead-examples.ts";
import { pageQuery, readPage } from "./page.ts";
import { isoInstant } from "./present.ts";
import { Problem } from "./problem.ts";
import { isoText, pageOf } from "./shapes.ts";

const unclaimedQuery = z.strictObject({
  ...pageQuery.shape,
  reason: z
    .enum(KEPT_REASONS, { error: should(`one of ${KEPT_REASONS.join(", ")}`) })
    .optional()
    .meta({ description: "Why it became no lead." }),
});

const params = z.object({ id: z.string() });

const shape = {
  id: z.string(),
  source: z.string().meta({ description: "Where it came in: `typeform/contact`." }),
  reason: z.enum(KEPT_REASONS),
  explanation: z.string(),
  receivedAt: isoText,
  expiresAt: isoText.meta({ description: "When it is thrown away by itself: after 7 days." }),
  bytes: z.int().min(0).meta({ description: "Of the body." }),
};

const unclaimed = z.strictObject(shape).meta({
  id: "UnclaimedDelivery",
  description: "What somebody sent to a webhook and became no lead.",
});

const unclaimedWhole = z.strictObject({
  ...shape,
  body: z.string().meta({
    description: "As it came, but for a secret that it holds. Text of a stranger: show it as text.",
  }),
});

const DELIVERY_ID = "019abc12-7f3e-7d21-9a55-0c4b1e2f3a4d";

const EXAMPLE: z.infer<typeof unclaimed> = {
  id: DELIVERY_ID,
  source: "typeform/contact",
  reason: "not_configured",
  explanation: `typeform/contact ${TROUBLE.not_configured}`,
  receivedAt: "2026-11-24T09:30:01.412Z",
  expiresAt: "2026-12-01T09:30:01.412Z",
  bytes: 2318,
};

/** Deliveries of webhooks that became no lead: what they are, and how they become leads after all. */
export function webhooksApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/webhooks/unclaimed",
      tag: "Leads",
      summary: "What came in by webhooks and became no lead",
      description:
        "Oldest first, for 7 days: by our own mistake, for want of a contact, or because the signature did not fit. Of one source only so " +
        "much is kept in an hour.",
      query: unclaimedQuery,
      answers: {
        200: {
          description: "A page of deliveries.",
          schema: pageOf(unclaimed),
          example: { items: [EXAMPLE], nextCursor: null },
        },
      },
    },
    async ({ deps, query }) => {
      const reason = query.reason ?? null;
      const list = (after: string, limit: number) =>
        rows(deps.db, listKept(reason, after, limit, deps.now()));
      const page = await readPage(query, "unclaimed", list, ({ id }) => id);
      return { status: 200, body: { ...page, items: page.items.map(present) } };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/webhooks/unclaimed/{id}",
      tag: "Leads",
      summary: "What exactly was sent?",
      params,
      answers: {
        200: {
          description: "The delivery.",
          schema: unclaimedWhole,
          example: { ...EXAMPLE, body: '{"event_type":"form_response","form_response":{"…":"…"}}' },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, params: { id } }) => {
      const [row] = await rows(deps.db, keptById(id, deps.now()));
      if (row === undefined) throw nothingKept();
      const body = presentBody(deps.sources, keptFromRow(row));
      return { status: 200, body: { ...present(row), body } };
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/webhooks/unclaimed/{id}/replay",
      tag: "Leads",
      summary: "Take it after all",
      description:
        "Takes it as if it came now, with the secrets and the rules.ts of today; its signature is judged by when it came. Each lead in it " +
        "is one lead, however often the sender or you repeat it. What was sent is then kept no more.",
      params,
      answers: {
        200: {
          description: "Every lead in it is stored; there may be none.",
          schema: z.strictObject({
            id: z.string(),
            leads: z
              .array(
                z.strictObject({
                  leadId: z.string(),
                  outcome: z.enum(["received", "duplicate", "quarantined"]).meta({
                    description:
                      "`duplicate`: the sender's own next try was faster. `quarantined`: only a test.",
                  }),
                }),
              )
              .readonly(),
          }),
          example: { id: DELIVERY_ID, leads: [{ leadId: LEAD_ID, outcome: "received" }] },
        },
      },
      problems: ["not_found", "conflict", "unavailable"],
    },
    async ({ deps, actor, params: { id } }) => {
      const replayed = await replayDelivery(deps, actor, id);
      switch (replayed.outcome) {
        case "accepted":
          return { status: 200, body: { id, leads: replayed.leads } };
        case "not_found":
          throw nothingKept();
        case "no_source":
          throw new Problem("conflict", `rules.ts declares no source ${replayed.source}.`);
        case "unclaimed": {
          const { source, reason, doubt } = replayed;
          const why = doubt === undefined ? "" : ` (${doubt})`;
          throw new Problem("conflict", `Still the matter: ${source} ${TROUBLE[reason]}${why}`);
        }
        case "unavailable":
          throw new Problem("unavailable", "It could not be stored just now. Repeat the request.");
      }
    },
  );

  return api;
}

function present({ id, source, reason, receivedAt, bytes }: KeptRow): z.infer<typeof unclaimed> {
  return {
    id,
    source,
    reason,
    explanation: `${source} ${TROUBLE[reason]}`,
    receivedAt: isoInstant(receivedAt),
    expiresAt: isoInstant(receivedAt + KEPT_MS),
    bytes,
  };
}

/** As text: bytes that are none become U+FFFD. */
export function presentBody(
  sources: readonly Source[],
  { source, delivery }: KeptDelivery,
): string {
  const text = new TextDecoder().decode(delivery.body);
  const found = findSourceByName(sources, source);
  if (found.outcome !== "found" && found.outcome !== "retired") return text;
  return adapterOf(found.source).conceal?.(text) ?? text;
}

function nothingKept(): Problem {
  return new Problem("not_found", "Nothing is kept under this id.");
}
