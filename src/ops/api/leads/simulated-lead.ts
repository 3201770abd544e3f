import { z } from "zod";
import { situationOf } from "../../../record/lead-acts.ts";
import type { Deps } from "../../../ports/deps.ts";
import { isRecord } from "../../../lib/json.ts";
import { leadBehind, leadFromRow, leadIdBehind } from "../../../record/leads.ts";
import { parseLead } from "../../../intake/index.ts";
import { findRefusal, type SimulationInput } from "../../../routing/index.ts";
import { transaction } from "../../../lib/query.ts";
import { instant, refuseFields, should, text, yesOrNo } from "../input.ts";
import { explainRefusal, noSuchLead } from "./lead-refusals.ts";
import { Problem } from "../problem.ts";

// A reason that holds until weeks later is to be an instant that can be written, too.
const simulatedInstant = instant.refine((at) => at < Date.UTC(9999, 0), {
  error: "should be before the year 9999",
});

/** The body of `POST /simulate`. */
export const simulateBody = z
  .strictObject({
    lead: z
      .record(z.string(), z.unknown(), { error: should("an object of what a form sends") })
      .optional()
      .meta({
        description:
          "What a form would send to POST /leads, or a lead as this API shows it, with its `fields`.",
      }),
    leadId: text(63).optional().meta({
      description: "A stored lead instead: what a re-route would decide.",
    }),
    at: simulatedInstant.optional().meta({
      description: "The instant to look at, past or future; left out = now.",
    }),
    excludeOwner: yesOrNo(false).meta({
      description: "With leadId: whoever has the lead now does not get it again.",
    }),
  })
  .refine(({ lead, leadId }) => (lead === undefined) !== (leadId === undefined), {
    path: ["lead"],
    error: "or leadId is required: one of the two",
  })
  .refine(({ leadId, excludeOwner }) => leadId !== undefined || !excludeOwner, {
    path: ["excludeOwner"],
    error: "goes with leadId",
  });

/** A lead to simulate, and what to know about the answer. */
type Wish = Omit<SimulationInput, "at"> & { readonly notes: readonly string[] };

/**
 * The lead that the body names.
 * @throws {Problem} invalid, naming what POST /leads would refuse; not_found; conflict for an erased lead
 */
export async function readWish(
  deps: Deps,
  { lead, leadId, at = deps.now(), excludeOwner }: z.infer<typeof simulateBody>,
): Promise<Wish> {
  if (lead !== undefined) return readSent(deps, lead, at);
  return await readStored(deps, leadId ?? "", excludeOwner);
}

/** What this API shows of a lead that no form sends. */
const ADDED = new Set(["id", "receivedAt", "erasedAt", "state", "ownerId", "summary", "fields"]);

/** A lead as the door would take it; one that has `fields` is read as this API shows it. */
function readSent(deps: Deps, sent: Readonly<Record<string, unknown>>, receivedAt: number): Wish {
  const asShown = isRecord(sent["fields"]);
  const own = Object.entries(sent).filter(([name]) => !asShown || !ADDED.has(name));
  const fields = isRecord(sent["fields"]) ? Object.entries(sent["fields"]) : [];
  const parsed = parseLead(Object.fromEntries([...fields, ...own]));
  if (!parsed.ok)
    throw refuseFields(
      parsed.errors.map(({ field, message }) => ({
        field: field === undefined ? "lead" : `lead.${field}`,
        message,
      })),
    );
  return {
    lead: { ...parsed.draft, id: deps.newId(), receivedAt },
    generation: 1,
    excluded: {},
    notes: asShown
      ? [
          "lead.fields was opened, as this API shows a lead; POST /leads would keep it as one field.",
        ]
      : [],
  };
}

async function readStored(deps: Deps, id: string, excludeOwner: boolean): Promise<Wish> {
  const [[row], [situation]] = await transaction(deps.db, [
    leadBehind(id),
    situationOf(leadIdBehind(id)),
  ]);
  if (row === undefined || situation === undefined) throw noSuchLead();
  const erased = findRefusal(situation, null, ["erased"]);
  if (erased !== null) throw new Problem("conflict", explainRefusal(erased));
  const refusal = findRefusal(situation, null, ["intent", "closed"]);
  const { newest, ownerId } = situation;
  return {
    lead: leadFromRow(row),
    generation: newest + 1,
    // The words of a re-route: see `intendReroute`.
    excluded: excludeOwner && ownerId !== null ? { [ownerId]: "has it now" } : {},
    notes:
      refusal === null
        ? []
        : [`${explainRefusal(refusal)} POST /leads/${row.id}/route would be refused.`],
  };
}
