import type { Pod } from "../src/rules/pod.ts";

// A made-up team. The caps are small so that sixty leads are enough to see them hold.

export interface SampleRep {
  readonly id: string;
  readonly name: string;
  readonly slackUserId: string;
  /** IANA. */
  readonly timeZone: string;
  /** Leads per day of the rep's own calendar, over everything; absent = no cap. */
  readonly dailyCap?: number;
  /** Days of leave around now: began so long ago, ends in so long. */
  readonly leave?: { readonly begunDaysAgo: number; readonly endsInDays: number };
}

export interface SampleMember {
  readonly podId: string;
  readonly repId: string;
  /** Share relative to the other members'. */
  readonly weight?: number;
  /** Leads a day in this pod; absent = the pod's default in rules.ts. */
  readonly dailyCap?: number;
}

export const REPS: readonly SampleRep[] = [
  { id: "ana", name: "Ana Souza", slackUserId: "U01ANA", timeZone: "America/Sao_Paulo" },
  { id: "bo", name: "Bo Lindqvist", slackUserId: "U02BO", timeZone: "Europe/Stockholm" },
  { id: "chidi", name: "Chidi Okafor", slackUserId: "U03CHIDI", timeZone: "Africa/Lagos" },
  { id: "dana", name: "Dana Weiss", slackUserId: "U04DANA", timeZone: "Europe/Berlin" },
  { id: "emre", name: "Emre Yılmaz", slackUserId: "U05EMRE", timeZone: "Europe/Istanbul" },
  { id: "fumi", name: "Fumi Tanaka", slackUserId: "U06FUMI", timeZone: "Asia/Tokyo" },
  { id: "grace", name: "Grace Kim", slackUserId: "U07GRACE", timeZone: "America/New_York" },
  {
    id: "hugo",
    name: "Hugo Ramírez",
    slackUserId: "U08HUGO",
    timeZone: "America/Mexico_City",
    leave: { begunDaysAgo: 2, endsInDays: 5 },
  },
  {
    id: "ines",
    name: "Inès Moreau",
    slackUserId: "U09INES",
    timeZone: "Europe/Paris",
    dailyCap: 5,
  },
  { id: "jay", name: "Jay Patel", slackUserId: "U10JAY", timeZone: "Asia/Kolkata" },
];

const MEMBERS: readonly SampleMember[] = [
  { podId: "enterprise", repId: "ana", dailyCap: 3 },
  { podId: "enterprise", repId: "grace" },
  { podId: "enterprise", repId: "hugo" },
  { podId: "dach", repId: "bo" },
  { podId: "dach", repId: "dana", weight: 2 },
  { podId: "sdr", repId: "chidi" },
  { podId: "sdr", repId: "emre" },
  { podId: "sdr", repId: "ines" },
  { podId: "nurture", repId: "fumi" },
  { podId: "nurture", repId: "ines" },
  { podId: "everyone", repId: "jay", dailyCap: 3 },
];

/** Members given to a pod the sample does not know, so that the demo also runs with rules of one's own. */
const MEMBERS_OF_A_NEW_POD = 3;

/** Who is in these pods. Pods of rules.ts that the sample does not know get the next few reps in turn. */
export function placeMembers(pods: readonly Pod[]): SampleMember[] {
  let next = 0;
  return pods.flatMap(({ id }) => {
    const known = MEMBERS.filter(({ podId }) => podId === id);
    if (known.length > 0) return known;
    const placed = REPS.slice(next, next + MEMBERS_OF_A_NEW_POD);
    next = (next + MEMBERS_OF_A_NEW_POD) % REPS.length;
    return placed.map((rep) => ({ podId: id, repId: rep.id }));
  });
}

/** The same team with room for this many leads a day, wherever a cap would hold sooner. */
export function raiseCaps(
  reps: readonly SampleRep[],
  members: readonly SampleMember[],
  leads: number,
): { reps: SampleRep[]; members: SampleMember[] } {
  return {
    reps: reps.map((rep) => ({ ...rep, ...(rep.dailyCap !== undefined && { dailyCap: leads }) })),
    members: members.map((member) => ({ ...member, dailyCap: leads })),
  };
}
