import { z } from "zod";
import type { Chain } from "../../rules/chain.ts";
import { countWords, listWords, quoteNames } from "../../rules/explain.ts";
import type { LiveAddress } from "../rules/arguments.ts";
import { type ClientIo, createRouterClient, type RouterClient } from "../rules/router-client.ts";
import { about, type Finding, type Report } from "./finding.ts";

/** Pages of one list: 10,000 reps or accounts in some ten seconds. */
const MOST_PAGES = 50;
/** Days that a rule may be silent before it is reported. */
const DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Names of a kind that one sentence lists; the rest is counted. */
const MOST_LISTED = 5;

const pods = z.object({
  items: z.array(z.object({ id: z.string(), members: z.array(z.object({ repId: z.string() })) })),
});
const rep = z.object({ id: z.string(), active: z.boolean() });
const account = z.object({ domain: z.string(), ownerId: z.string() });
const chainVersion = z.object({ version: z.string() });
const ruleUse = z.object({
  /** Leads for which the rules were tried. */
  routed: z.number(),
  rules: z.array(
    z.object({
      rule: z.string(),
      /** Leads that came as far as this rule, and those of them that met its conditions. */
      tried: z.number(),
      matched: z.number(),
      /** Whether it matched before and has stopped, more suddenly than by chance; `explanation` says so in words. */
      stopped: z.boolean(),
      explanation: z.string().nullable(),
    }),
  ),
});
const slackSecret = z.object({
  name: z.string(),
  /** What it is for, and what happens without it: a sentence. */
  what: z.string(),
  /** Pods whose channel it is. */
  pods: z.array(z.string()).readonly(),
  /** Whether somebody is not notified without it. */
  required: z.boolean(),
  isSet: z.boolean(),
});
const health = z.object({ slack: z.array(slackSecret) });

/** What a running router says of itself: as much as bears on its rules. Ids and domains only. */
export interface LiveRouter {
  /** Null where the router is too old to say. */
  readonly chainVersion: string | null;
  /** Each pod with the ids of its members. */
  readonly pods: readonly { readonly id: string; readonly members: readonly string[] }[];
  /** Reps by id, each with whether they are active. */
  readonly reps: ReadonlyMap<string, boolean>;
  readonly accounts: Looked<z.infer<typeof account>>;
  /** What became of each rule lately; null where the router cannot say. */
  readonly use: (z.infer<typeof ruleUse> & { readonly days: number }) | null;
  /** The secrets that its messages to Slack need; null where the router does not say. */
  readonly slack: readonly z.infer<typeof slackSecret>[] | null;
}

interface Looked<Item> {
  readonly looked: readonly Item[];
  /** Whether there are more than were looked at. */
  readonly more: boolean;
}

/**
 * Asks a running router what its rules have to do with: some calls of a second or two together; the accounts are bounded.
 * @throws {LiveError} when it does not answer, refuses the token, or gives an unknown answer
 */
export async function readLive(
  address: LiveAddress,
  io: ClientIo & { readonly now: () => number },
): Promise<LiveRouter> {
  const client = createRouterClient(address, io);
  const from = new URLSearchParams({ from: new Date(io.now() - DAYS * DAY_MS).toISOString() });
  const { items } = await client.get("/api/pods", pods);
  const [reps, accounts, version, use, slack] = await Promise.all([
    readPages(client, "/api/reps", rep),
    readPages(client, "/api/accounts", account),
    client.find("/api/chain", chainVersion),
    client.find(`/api/metrics/rules?${from.toString()}`, ruleUse),
    client.find("/api/health", health),
  ]);
  return {
    chainVersion: version?.version ?? null,
    pods: items.map(({ id, members }) => ({ id, members: members.map(({ repId }) => repId) })),
    reps: new Map(reps.looked.map(({ id, active }) => [id, active])),
    accounts,
    use: use && { days: DAYS, ...use },
    slack: slack?.slack ?? null,
  };
}

async function readPages<Item>(
  client: RouterClient,
  path: string,
  item: z.ZodType<Item>,
): Promise<Looked<Item>> {
  const looked: Item[] = [];
  let pagesRead = 0;
  for await (const { items, more } of client.pages(path, item)) {
    looked.push(...items);
    if (++pagesRead === MOST_PAGES) return { looked, more };
  }
  return { looked, more: false };
}

/** What is suspicious about these rules beside what the running router says of its pods, people and leads. Pure. */
export function checkLive(chain: Chain, live: LiveRouter): Report {
  return {
    findings: [
      ...findEmptyPods(chain, live),
      ...findStrandedMembers(chain, live),
      ...findOwnersNoRep(live),
      ...findSilentRules(chain, live),
      ...findUnsetSlack(live),
    ],
    notes: listNotes(chain, live),
  };
}

function findEmptyPods(chain: Chain, { pods: livePods, reps }: LiveRouter): readonly Finding[] {
  return chain.pods.flatMap(({ id }): readonly Finding[] => {
    const members = livePods.find((pod) => pod.id === id)?.members;
    if (members?.some((repId) => reps.get(repId) === true)) return [];
    const names = chain.rules.filter((rule) => rule.pod?.id === id).map(({ name }) => name);
    const last = chain.rules.at(-1)?.pod?.id === id;
    const [empty, advice] =
      members === undefined
        ? [`${id} is new to the running router and has no members yet`, "right after the deploy"]
        : [members.length === 0 ? `${id} has no members` : `All members of ${id} are deactivated`];
    return [
      {
        ...about(last ? "error" : "warning", "pod_without_members", names, [id]),
        says: `${empty}: ${last ? "leads that nobody else takes stay unassigned" : `${quoteNames(names)} can only pass leads on`}.`,
        advice: `Add members${advice ? ` ${advice}` : ""}: PUT /api/pods/${id}/members/REP.`,
      },
    ];
  });
}

function findStrandedMembers(chain: Chain, { pods: livePods }: LiveRouter): readonly Finding[] {
  return livePods
    .filter(({ id, members }) => members.length > 0 && !chain.pods.some((pod) => pod.id === id))
    .map(({ id, members }) => ({
      ...about("warning", "members_nobody_sends_to", [], [id]),
      says: `No rule sends leads to ${id}, which has ${countWords(members.length, "member")}: ${listSome(members)}.`,
      advice: "Move them to other pods, or add a rule that sends to it.",
    }));
}

function findOwnersNoRep({ accounts: { looked }, reps }: LiveRouter): readonly Finding[] {
  const owned = (active: boolean | undefined, owner: string): readonly Finding[] => {
    const some = looked.filter(({ ownerId }) => reps.get(ownerId) === active);
    if (some.length === 0) return [];
    const [have, their] = some.length === 1 ? ["has", "its"] : ["have", "their"];
    const names = listSome(some.map(({ domain, ownerId }) => `${domain} (${ownerId})`));
    return [
      {
        ...about("warning", "owner_no_rep"),
        says: `${some.length.toLocaleString("en-US")} of ${countWords(looked.length, "account")} ${have} an owner who is ${owner}, so ${their} leads go to the next rules: ${names}.`,
        advice: "Give them another owner: PUT /api/accounts/DOMAIN.",
      },
    ];
  };
  return [...owned(undefined, "not a rep"), ...owned(false, "deactivated")];
}

// A fallback that nothing reaches is good news, and without leads no rule can match.
function findSilentRules(chain: Chain, { use }: LiveRouter): readonly Finding[] {
  if (use === null || use.routed === 0) return [];
  return chain.rules.flatMap(({ name, kind, pod }): readonly Finding[] => {
    const seen = use.rules.find(({ rule }) => rule === name);
    if (kind === "fallback" || seen === undefined) return [];
    const { tried, matched, stopped, explanation } = seen;
    if (matched > 0 && !stopped) return [];
    const unmatched =
      tried === 0
        ? `No lead reached "${name}" in ${use.days} days.`
        : `"${name}" matched none of the ${tried.toLocaleString("en-US")} leads that reached it in ${use.days} days.`;
    return [
      {
        ...about("warning", "silent_rule", [name], pod === null ? [] : [pod.id]),
        says: matched > 0 ? `"${name}": ${explanation ?? "It has stopped matching."}` : unmatched,
        advice:
          tried === 0
            ? "If it is needed, move it up: the rules above it took every lead."
            : "Check that the form still sends what it asks for; delete it if it is no longer needed.",
      },
    ];
  });
}

/** A secret that nobody needs is not a finding: direct messages are a choice. */
function findUnsetSlack({ slack }: LiveRouter): readonly Finding[] {
  return (slack ?? [])
    .filter(({ isSet, required, pods: served }) => !isSet && (required || served.length > 0))
    .map(({ name, what, pods: served }) => ({
      ...about("warning", "slack_not_set", [], served),
      says: `The secret ${name} is not set. ${what}`,
      advice: `Set it: npx wrangler secret put ${name}.`,
    }));
}

function listNotes({ version }: Chain, live: LiveRouter): readonly string[] {
  const { accounts, use } = live;
  const notes: readonly (readonly [boolean, string])[] = [
    [live.chainVersion === null, "The router does not say which version of the rules it runs."],
    [
      live.chainVersion !== null && live.chainVersion !== version,
      `The router runs version ${live.chainVersion} of the rules, not this one (${version}): deploy to put this version in force.`,
    ],
    [
      accounts.more,
      `Not all accounts were checked, only the first ${accounts.looked.length.toLocaleString("en-US")}.`,
    ],
    [use === null, "The router does not say which rules matched lately."],
    [use?.routed === 0, `The router routed no lead in the last ${use?.days} days.`],
    [live.slack === null, "The router does not say whether its Slack secrets are set."],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}

function listSome(words: readonly string[]): string {
  const rest = words.length - MOST_LISTED;
  return rest > 1
    ? listWords([...words.slice(0, MOST_LISTED), `${rest.toLocaleString("en-US")} more`])
    : listWords(words);
}
