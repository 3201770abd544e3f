import { isRecord, type JsonRecord } from "../../lib/json.ts";
import type { LeadColumns } from "./replay-read-router.ts";

// What of the router's answers goes into an export: what routing looks at, and no person.

/** A lead without the person; of its form fields those that are wanted. */
export function pickLead(line: JsonRecord, { fields, company }: LeadColumns): JsonRecord {
  const lead = isRecord(line["lead"]) ? line["lead"] : line;
  const sent = isRecord(lead["fields"]) ? lead["fields"] : {};
  const { id, receivedAt, companyDomain, countryCode, region, source, score, erasedAt } = lead;
  return {
    type: "lead",
    id,
    receivedAt,
    companyDomain,
    countryCode,
    region,
    source,
    score,
    erasedAt,
    ...(company && { company: lead["company"] }),
    fields:
      fields === null
        ? sent
        : Object.fromEntries(Object.entries(sent).filter(([name]) => fields.includes(name))),
  };
}

export function pickDecision(line: JsonRecord): JsonRecord {
  const { leadId, generation, outcome, rule, podId, ownerId, claimSeq } = line;
  const { chainVersion, decidedAt, committedAt, trail } = line;
  const steps: unknown[] = Array.isArray(trail) ? trail : [];
  return {
    type: "decision",
    leadId,
    generation,
    outcome,
    rule,
    podId,
    ownerId,
    claimSeq,
    chainVersion,
    decidedAt,
    committedAt,
    // A decision by hand says why in the words of whoever made it.
    trail: steps.map((step) =>
      isRecord(step) && step["kind"] === "manual" ? { ...step, reason: "by hand" } : step,
    ),
  };
}

/** What of an event's detail moves pods or leads. */
const KEPT: ReadonlySet<string> = new Set(["before", "after", "excludeOwner", "podId", "repId"]);

/** An event without who did it and in which words. */
export function pickEvent(line: JsonRecord): JsonRecord {
  const { subjectType, subjectId, generation, kind, occurredAt } = line;
  const detail = isRecord(line["detail"]) ? line["detail"] : {};
  return {
    type: "event",
    subjectType,
    subjectId,
    generation,
    kind,
    occurredAt,
    detail: Object.fromEntries(Object.entries(detail).filter(([name]) => KEPT.has(name))),
  };
}
