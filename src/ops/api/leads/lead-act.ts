import { z } from "zod";
import type { Deps } from "../../../ports/deps.ts";
import { leadBehind } from "../../../record/leads.ts";
import { rows } from "../../../lib/query.ts";
import { text } from "../input.ts";
import { noSuchLead } from "./lead-refusals.ts";

// What every act on a lead takes.

export const leadParams = z.object({ id: z.string() });

/** Characters of a reason: a sentence or three. It is kept in the audit for ever. */
const LONGEST_REASON = 500;

/** An e-mail address, or seven digits and more however they are grouped. */
const CONTACT = /\S@\S|(?:\d[\s()./-]*){7}/;

// The audit outlives the erasure of a lead: what could not be erased from it is kept out of it.
export const reason = text(LONGEST_REASON)
  .refine((why) => !CONTACT.test(why), {
    error: "should hold no address and no number: the audit keeps it, also when the lead is erased",
  })
  .meta({ description: "Kept in the audit for ever: no address and no number." });
/** The lead's own id behind one that a caller was given. An alias is for ever, so this may be read ahead of the act. */
export async function findLeadId(deps: Deps, given: string): Promise<string> {
  const [lead] = await rows(deps.db, leadBehind(given));
  if (lead === undefined) throw noSuchLead();
  return lead.id;
}
