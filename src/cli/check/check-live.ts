import type { Chain } from "../../rules/chain.ts";
import type { Pod } from "../../rules/pod.ts";
import type { Finding, Report } from "./finding.ts";
import type { LiveRouter } from "./live-router.ts";
import { countWords, listWords, quoteNames } from "../../rules/explain.ts";

/** Names of a kind that one sentence lists; the rest is counted. */
const MOST_LISTED = 5;

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
    notes: [
      ...noteVersion(chain, live),
      ...(live.accounts.more
        ? [
            `Of the accounts only the first ${live.accounts.looked.length.toLocaleString("en-US")} were looked at.`,
          ]
        : []),
      ...noteUse(live),
      ...(live.slack === null
        ? ["The router does not say whether its Slack secrets are set."]
        : []),
    ],
  };
}

function findEmptyPods(chain: Chain, { pods, reps }: LiveRouter): readonly Finding[] {
  return chain.pods.flatMap((pod) => {
    const members = pods.find(({ id }) => id === pod.id)?.members;
    if (members?.some((repId) => reps.get(repId) === true)) return [];
    const names = chain.rules.filter((rule) => rule.pod?.id === pod.id).map(({ name }) => name);
    const last = chain.rules.at(-1)?.pod?.id === pod.id;
    return [
      {
        severity: last ? ("error" as const) : ("warning" as const),
        kind: "pod_without_members" as const,
        rules: names,
        pods: [pod.id],
        says: `${describeEmpty(pod, members)}: ${last ? "leads that nobody else takes stay unassigned" : `${quoteNames(names)} can only pass leads on`}.`,
        advice:
          members === undefined
            ? `Put its members in right after the deploy: PUT /api/pods/${pod.id}/members/REP.`
            : `Add members: PUT /api/pods/${pod.id}/members/REP.`,
      },
    ];
  });
}

function describeEmpty({ id }: Pod, members: readonly string[] | undefined): string {
  if (members === undefined) return `${id} is new to the running router and has no members yet`;
  return members.length === 0 ? `${id} has no members` : `All members of ${id} are deactivated`;
}

function findStrandedMembers(chain: Chain, { pods }: LiveRouter): readonly Finding[] {
  return pods
    .filter(({ id, members }) => members.length > 0 && !chain.pods.some((pod) => pod.id === id))
    .map(({ id, members }) => ({
      severity: "warning",
      kind: "members_nobody_sends_to",
      rules: [],
      pods: [id],
      says: `No rule sends to ${id}, which has ${countWords(members.length, "member")}: ${listSome(members)}.`,
      advice: "Move them to other pods, or add a rule that sends to it.",
    }));
}

function findOwnersNoRep({ accounts, reps }: LiveRouter): readonly Finding[] {
  const strangers = accounts.looked.filter(({ ownerId }) => !reps.has(ownerId));
  const gone = accounts.looked.filter(({ ownerId }) => reps.get(ownerId) === false);
  const tell = (some: typeof strangers, who: string): readonly Finding[] =>
    some.length === 0
      ? []
      : [
          {
            severity: "warning",
            kind: "owner_no_rep",
            rules: [],
            pods: [],
            says: `${countWords(some.length, "account")} of ${accounts.looked.length.toLocaleString("en-US")} belong${some.length === 1 ? "s" : ""} to ${who}, and ${some.length === 1 ? "its" : "their"} leads go by the other rules: ${listSome(
              some.map(({ domain, ownerId }) => `${domain} (${ownerId})`),
            )}.`,
            advice: "Give them another owner: PUT /api/accounts/DOMAIN.",
          },
        ];
  return [...tell(strangers, "an owner who is no rep"), ...tell(gone, "a deactivated rep")];
}

// A fallback that nothing reaches is good news, and without leads no rule can match.
function findSilentRules(chain: Chain, { use }: LiveRouter): readonly Finding[] {
  if (use === null || use.routed === 0) return [];
  return chain.rules.flatMap(({ name, kind, pod }) => {
    const seen = use.rules.find(({ rule }) => rule === name);
    if (kind === "fallback" || seen === undefined) return [];
    const { tried, matched, stopped, explanation } = seen;
    if (matched > 0 && !stopped) return [];
    return [
      {
        severity: "warning" as const,
        kind: "silent_rule" as const,
        rules: [name],
        pods: pod === null ? [] : [pod.id],
        says:
          matched > 0
            ? `"${name}": ${explanation ?? "It has stopped matching."}`
            : `"${name}" matched no lead in ${use.days} days${tried === 0 ? ": no lead came as far as it" : `, of ${tried.toLocaleString("en-US")} that came as far as it`}.`,
        advice:
          tried === 0
            ? "Move it up if it is wanted: the rules above it took every lead."
            : "Look whether the form still sends what it asks for; delete it if nobody needs it any more.",
      },
    ];
  });
}

/** What nobody needs for anybody to hear is no finding: direct messages are a choice. */
function findUnsetSlack({ slack }: LiveRouter): readonly Finding[] {
  return (slack ?? [])
    .filter(({ isSet, required, pods }) => !isSet && (required || pods.length > 0))
    .map(({ name, what, pods }) => ({
      severity: "warning",
      kind: "slack_not_set",
      rules: [],
      pods,
      says: `The secret ${name} is not set. ${what}`,
      advice: `Set it: npx wrangler secret put ${name}.`,
    }));
}

function noteVersion({ version }: Chain, { chainVersion }: LiveRouter): readonly string[] {
  if (chainVersion === version) return [];
  return chainVersion === null
    ? ["The router does not say which version of the rules it runs."]
    : [
        `The router runs version ${chainVersion} of the rules, not this one (${version}): a deploy puts this one in force.`,
      ];
}

function noteUse({ use }: LiveRouter): readonly string[] {
  if (use === null) return ["The router does not say which rules matched lately."];
  return use.routed === 0 ? [`The router routed no lead in the last ${use.days} days.`] : [];
}

function listSome(words: readonly string[]): string {
  const rest = words.length - MOST_LISTED;
  return rest > 1
    ? listWords([...words.slice(0, MOST_LISTED), `${rest.toLocaleString("en-US")} more`])
    : listWords(words);
}
