import { decisionFromRow, type LeadStory, type StoredDecision } from "../../record/lead-story.ts";
import type { AuditEvent } from "../../record/events.ts";
import type { ListedLead } from "../../record/lead-lists.ts";
import type { UnassignedLead } from "../audit/unassigned.ts";
import type { Lead } from "../../rules/lead.ts";
import type { Candidate, TrailStep } from "../../rules/trail.ts";
import { leadFromRow, type LeadRow } from "../../record/leads.ts";
import type { Member } from "../../roster/index.ts";
import { stateOf, summarise } from "./leads/summary.ts";

// From what is stored to what the API shows: camelCase, every instant in ISO 8601 UTC.

/** Milliseconds since the epoch as ISO 8601 UTC. */
export function isoInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function presentLead({ receivedAt, fields, ...lead }: Lead, erasedAt: number | null) {
  return {
    ...lead,
    receivedAt: isoInstant(receivedAt),
    fields,
    erasedAt: erasedAt === null ? null : isoInstant(erasedAt),
  };
}

export function presentDecision({ decidedAt, committedAt, trail, ...decision }: StoredDecision) {
  return {
    ...decision,
    trail: trail.map(presentStep),
    decidedAt: isoInstant(decidedAt),
    committedAt: isoInstant(committedAt),
  };
}

/** A step of the trail as the contract has it. */
type PresentedStep = Omit<TrailStep, "candidates"> & {
  readonly candidates?: readonly (Omit<Candidate, "until"> & { readonly until: string | null })[];
};

export function presentStep({ candidates, ...step }: TrailStep): PresentedStep {
  return candidates === undefined
    ? step
    : { ...step, candidates: candidates.map(presentCandidate) };
}

/** A member of an asked pod; `until` is when what stands in the way ends, null where that is not known. */
export function presentCandidate<Shape extends Pick<Candidate, "until">>({
  until,
  ...rest
}: Shape) {
  return { ...rest, until: until === null ? null : isoInstant(until) };
}

/** A rep's settings in a pod, without the pod's name. */
export function presentMember({ repId, weight, dailyCap, openCap, joinedAt }: Member) {
  return { repId, weight, dailyCap, openCap, joinedAt: isoInstant(joinedAt) };
}

function presentEvent({ id, subjectId, generation, kind, actor, occurredAt, detail }: AuditEvent) {
  const leadId = subjectId;
  return { id, leadId, generation, kind, actor, occurredAt: isoInstant(occurredAt), detail };
}

/** `GET /api/leads/:id`: "why did this lead go to me" in one call. */
export function presentStory(story: LeadStory) {
  return {
    lead: {
      ...presentLead(story.lead, story.erasedAt),
      state: stateOf(story.situation),
      ownerId: story.situation.ownerId,
      summary: summarise(story),
    },
    decisions: story.decisions.map(presentDecision),
    events: story.events.map(presentEvent),
  };
}

/** One line of `GET /api/leads`: the lead, and its newest decision in short. */
export function presentListed(row: ListedLead) {
  const { lead, rest } = splitRow(row);
  const { generation, outcome, ownerId, podId, rule, decidedAt } = rest;
  return {
    lead,
    decision:
      generation === null || outcome === null || decidedAt === null
        ? null
        : { generation, outcome, ownerId, podId, rule, decidedAt: isoInstant(decidedAt) },
  };
}

/** One line of `GET /api/unassigned`: the lead, and the whole decision that nobody gets it. */
export function presentUnassigned(row: UnassignedLead) {
  const { lead, rest } = splitRow(row);
  return { lead, decision: presentDecision(decisionFromRow(rest)) };
}

/** Parts a row that carries more than a lead. */
function splitRow<Row extends LeadRow>(row: Row) {
  const { id, receivedAt, email, phone, name, company, companyDomain, countryCode, ...others } =
    row;
  const { region, source, score, fields, erasedAt, ...rest } = others;
  const stored = { id, receivedAt, email, phone, name, company, companyDomain, countryCode };
  const lead = leadFromRow({ ...stored, region, source, score, fields, erasedAt });
  return { lead: presentLead(lead, erasedAt), rest };
}
