import { z } from "zod";
import { sha256Hex } from "../../lib/digest.ts";
import type { LeadLine } from "../../record/old-rows.ts";
import { erasePerson, type PersonRequest } from "../privacy/erase.ts";
import { exportPerson, type Known } from "../privacy/export-person.ts";
import { type Place, WHERE } from "../privacy/person.ts";
import type { Source } from "../../rules/source.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { should, text } from "./input.ts";
import { reason } from "./leads/lead-act.ts";
import { presentQuarantined } from "./leads/quarantine.ts";
import { isoInstant, presentStory } from "./present.ts";
import {
  ERASED,
  erasedShape,
  EXPORTED,
  exportedShape,
  knownShape,
  LEFT,
} from "./privacy-shapes.ts";
import { presentBody } from "./webhooks.ts";

/** In the body, so that the address gets into no URL and no log of URLs. */
const personBody = z.strictObject({
  email: text(254)
    .refine((address) => /^\S+@\S+$/.test(address), { error: should("an e-mail address") })
    .toLowerCase(),
  reason,
  cursor: z
    .string()
    .optional()
    .meta({ description: "The `nextCursor` of the answer before, with the same email." }),
});

const BODY = { email: "ada@example.com", reason: "ticket 4711" };
/** Nobody on the way keeps what is known of a person. */
const UNKEPT = { "cache-control": "no-store" };

/** The rights of a person over what is known of them: to see it, and to have it erased. */
export function privacyApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/privacy/erase",
      tag: "Leads",
      summary: "Erase a person wherever they are known",
      description: [
        "Their leads (as `DELETE /leads/{id}` does), what of theirs waits in quarantine, deliveries of webhooks that were kept and name",
        "the address, and their archived leads. A call does some of it: `nextCursor` carries on. Safe to repeat.",
        "The audit has who asked and why, and of whom only the ids of their leads.",
      ].join("\n"),
      body: personBody,
      bodyExample: BODY,
      answers: {
        200: { description: "What this call erased.", schema: erasedShape, example: ERASED },
      },
    },
    async (call) => {
      const { request, start } = readRequest("erase", call);
      const { repIds, busy, unreadable, next, isComplete, ...erased } = await erasePerson(
        call.deps,
        request,
        start,
      );
      const nextCursor = next && encodePlace("erase", request, next);
      const { requestId } = request;
      const complete = isComplete;
      const body = {
        requestId,
        erased,
        busy,
        repIds,
        unreadable,
        left: LEFT,
        nextCursor,
        complete,
      };
      return { status: 200, body };
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/privacy/export",
      tag: "Leads",
      summary: "Everything that is known of a person",
      description: [
        "By their email: leads with every decision and event, other ids of theirs, what waits in quarantine, deliveries of webhooks that",
        "were kept and name the address (with whatever else they hold: look before you hand it on), a rep's row, and archived leads. A page",
        "may be short, or empty, though `nextCursor` carries on. The audit has who asked and why, and not of whom.",
      ].join("\n"),
      body: personBody,
      bodyExample: BODY,
      answers: {
        200: { description: "Some of it.", schema: exportedShape, example: EXPORTED },
      },
    },
    async (call) => {
      const { request, start } = readRequest("export", call);
      const { known, partsLeft, unreadable, next, isComplete } = await exportPerson(
        call.deps,
        request,
        start,
      );
      const { requestId } = request;
      const body = {
        requestId,
        items: known.map((one) => presentKnown(call.deps.sources, one)),
        archivedPartsLeft: partsLeft,
        unreadable,
        nextCursor: next && encodePlace("export", request, next),
        complete: isComplete,
      };
      return { status: 200, body, headers: UNKEPT };
    },
  );

  return api;
}

type Act = "erase" | "export";

const placeKey = z.tuple([
  z.literal("person"),
  z.string(),
  z.string(),
  z.uuid(),
  z.enum(WHERE),
  z.string(),
  z.literal([0, 1]),
]);

function readRequest(
  act: Act,
  {
    deps,
    actor,
    body,
  }: {
    readonly deps: { readonly newId: () => string };
    readonly actor: string;
    readonly body: z.infer<typeof personBody>;
  },
): { readonly request: PersonRequest; readonly start: Place | null } {
  const { email, cursor, reason: why } = body;
  const asked = { actor, email, reason: why };
  if (cursor === undefined) return { request: { ...asked, requestId: deps.newId() }, start: null };
  // Of another person it would leave out what comes before it.
  const [, , , requestId, where, after, missed] = decodeCursor(
    cursor,
    placeKey.refine(([, ofAct, of]) => ofAct === act && of === markOf(email)),
  );
  return { request: { ...asked, requestId }, start: { where, after, missed: missed === 1 } };
}

function encodePlace(
  act: Act,
  { email, requestId }: PersonRequest,
  { where, after, missed }: Place,
) {
  return encodeCursor(["person", act, markOf(email), requestId, where, after, missed ? 1 : 0]);
}

function markOf(email: string): string {
  return sha256Hex(email).slice(0, 16);
}

function presentKnown(sources: readonly Source[], known: Known): z.infer<typeof knownShape> {
  switch (known.type) {
    case "rep":
    case "alias":
      return known;
    case "lead":
      return { type: known.type, ...presentStory(known.story) };
    case "quarantined":
      return { type: known.type, ...presentQuarantined(known.row) };
    case "delivery": {
      const { id, source, receivedAt, delivery } = known.kept;
      const { headers } = delivery;
      const body = presentBody(sources, known.kept);
      return { type: known.type, id, source, receivedAt: isoInstant(receivedAt), headers, body };
    }
    case "archived_lead":
      return { type: known.type, ...presentArchived(known.lead) };
  }
}

function presentArchived({ aliases, ...line }: LeadLine) {
  const { received_at, company_domain, country_code, erased_at, fields, ...rest } = line;
  const { idempotency_key: _, ...lead } = rest;
  return {
    lead: {
      ...lead,
      receivedAt: isoInstant(received_at),
      companyDomain: company_domain,
      countryCode: country_code,
      fields: JSON.parse(fields),
      erasedAt: erased_at === null ? null : isoInstant(erased_at),
    },
    aliases,
  };
}
