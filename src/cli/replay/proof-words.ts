import type { MissReason } from "./miss-reason.ts";
import type { Proof, TakenReason } from "./proof.ts";
import type { ReplayReport } from "./report.ts";
import { count, leads } from "./report-words.ts";

const TAKEN: Readonly<Record<TakenReason, string>> = {
  by_hand: "decided by hand",
  no_rule_spoke: "erased, or given up before a rule could speak",
  chain_unknown: "decided by rules that were not found",
  lead_unknown: "of leads that came before the record begins",
};

const MISSED: Readonly<Record<MissReason, string>> = {
  lead_erased: "the lead was erased since, and what it said with it",
  configuration_under_way: "the roster or an account was being changed at that time",
  open_leads_unknown: "how many leads were open then is not on record",
  own_cap_unknown: "whether a rep had reached their own cap is not on record",
  claims_between: "a claim in between was given back, of which the record tells nothing",
  clocks: "somebody's hours or day turned while the lead was being routed",
  ledger_unknown: "whose turn it was hangs on leads from before the record",
  unexplained: "nothing explains it: please report these",
};

/** How well the replay reproduces what was recorded: one sentence a line. */
export function tellProof({ proof, drift, versions }: ReplayReport): string[] {
  const taken = counted(proof.taken, TAKEN);
  const missed = counted(proof.missed, MISSED);
  const routed = proof.decisions - taken.reduce((sum, [number]) => sum + number, 0);
  const unknown = versions.filter(({ known }) => !known).map(({ version }) => version);
  return [
    ...(routed === 0 ? [] : [tellReproduced(proof, routed)]),
    ...missed.map(([number, why]) => `${count(number)} cannot be reproduced: ${why}.`),
    ...proof.unexplained.map(
      ({ leadId, generation }) => `  unexplained: lead ${leadId}, generation ${generation}`,
    ),
    ...taken.map(
      ([number, what]) =>
        `${count(number)} ${number === 1 ? "was" : "were"} taken as they were: ${what}.`,
    ),
    ...unknown.map(
      (version) =>
        `The rules of version ${version} are in no commit of rules.ts: what they decided stands as recorded, unproved.`,
    ),
    ...(drift.owner + drift.elsewhere > 0
      ? [
          `Left to themselves, the rules that decided come to another rep for ${leads(drift.owner)} and to another place for ${count(drift.elsewhere)}; "before" is what they come to, so that like is compared with like.`,
        ]
      : [`"Before" is what was recorded.`]),
  ];
}

function tellReproduced({ reproduced, exact }: Proof, routed: number): string {
  return `${count(reproduced)} of ${count(routed)} decisions by rules come out as recorded: rule, pod and rep${exact === reproduced ? ", and every candidate's count and balance" : ` (${count(exact)} of them with every candidate's count and balance)`}.`;
}

function counted<Key extends string>(
  counts: Readonly<Partial<Record<Key, number>>>,
  words: Readonly<Record<Key, string>>,
): [number, string][] {
  return Object.entries<number | undefined>(counts).flatMap(([key, number]) =>
    isKey(words, key) && number !== undefined ? [[number, words[key]]] : [],
  );
}

function isKey<Key extends string>(words: Readonly<Record<Key, string>>, key: string): key is Key {
  return key in words;
}
