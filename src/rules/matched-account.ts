import type { Lead } from "./lead.ts";
import type { Facts, MatchedAccount, Rule, Verdict } from "./rule.ts";

export interface MatchedAccountOptions {
  /**
   * What becomes of a lead whose account's owner is away: `"next"` lets the rules below have it,
   * `"assign"` gives it to the owner all the same. An owner who is deactivated never gets one.
   */
  readonly whenOwnerAway: "next" | "assign";
}

/** A lead from a company that belongs to an account goes to the owner of the account. */
export function matchedAccount({ whenOwnerAway }: MatchedAccountOptions): Rule {
  if (whenOwnerAway !== "next" && whenOwnerAway !== "assign") {
    throw new Error(
      `matchedAccount: "whenOwnerAway" must be "next" or "assign", not ${JSON.stringify(whenOwnerAway)}`,
    );
  }
  return {
    name: "matched account",
    kind: "matched_account",
    pod: null,
    definition: { whenOwnerAway },
    catchesAll: false,
    evaluate: (lead, facts) => findOwner(lead, facts, whenOwnerAway),
  };
}

function findOwner(
  lead: Lead,
  { account, excluded }: Facts,
  whenOwnerAway: MatchedAccountOptions["whenOwnerAway"],
): Verdict {
  if (lead.companyDomain === null)
    return { outcome: "no_match", reason: "the lead has no company domain" };
  if (account === null)
    return { outcome: "no_match", reason: `${lead.companyDomain} belongs to no account` };
  const { owner } = account;
  if (owner === null) {
    return {
      outcome: "no_match",
      reason: `account ${account.name} is owned by "${account.ownerId}", who is no rep`,
    };
  }
  const owns = `${owner.repId} owns ${describeAccount(account)}`;
  const passOver = (why: string): Verdict => ({
    outcome: "no_eligible_rep",
    reason: `${owns} but ${why}`,
    ownerId: owner.repId,
  });
  if (!owner.active) return passOver(owner.unavailable ?? "is deactivated");
  const exclusion = excluded.get(owner.repId);
  if (exclusion !== undefined) return passOver(exclusion);
  if (owner.unavailable === null) return { outcome: "owner", owner, reason: owns };
  return whenOwnerAway === "assign"
    ? {
        outcome: "owner",
        owner,
        reason: `${owns} and gets its leads even when away: ${owner.repId} ${owner.unavailable}`,
      }
    : passOver(owner.unavailable);
}

function describeAccount({ name, domain }: MatchedAccount): string {
  return `account ${name} (${domain})`;
}
