import type { CountryCode } from "../../rules/country-code.ts";
import { openLeadSpace } from "./condition-algebra.ts";
import type { Finding } from "./finding.ts";
import type { ConditionalRule } from "./rule-conditions.ts";
import { listWords } from "../../rules/explain.ts";

/**
 * Countries that two territories name, where the first takes every lead of the country that the second wants. A territory
 * that is narrower than a later one (Bavaria, then Germany) is how it should be.
 */
export function findSharedCountries(rules: readonly ConditionalRule[]): readonly Finding[] {
  const territories = rules.filter(({ kind }) => kind === "territory");
  const space = openLeadSpace(territories.map(({ conditions }) => conditions));
  return territories.flatMap((second, at) => {
    const above = territories.slice(0, at);
    // A territory that lost all of its countries is told of as a rule that cannot be reached.
    const whole = above.map(({ conditions }) => conditions);
    if (space.isCovered(second.conditions, whole).answer === "yes") return [];
    const wanted = listCountries(second).map((countryCode) => ({
      countryCode,
      leads: { ...second.conditions, countryCode },
    }));
    return above.flatMap((first) => {
      const shared = wanted
        .filter(({ leads }) => space.isCovered(leads, [first.conditions]).answer === "yes")
        .map(({ countryCode }) => countryCode);
      return shared.length === 0 ? [] : [sharedCountry(first, second, shared)];
    });
  });
}

function listCountries({ conditions }: ConditionalRule): readonly CountryCode[] {
  return [conditions.countryCode ?? []].flat().filter((code) => code !== "none");
}

function sharedCountry(
  first: ConditionalRule,
  second: ConditionalRule,
  shared: readonly CountryCode[],
): Finding {
  const countries = listWords(shared);
  return {
    severity: "warning",
    kind: "shared_country",
    rules: [first.name, second.name],
    pods: [first.pod.id, second.pod.id],
    says: `${countries} ${shared.length === 1 ? "is" : "are"} in two territories, "${first.name}" and "${second.name}": the second only sees what the first passed on.`,
    advice: `Take ${countries} out of one of them, or make "${first.name}" narrower than "${second.name}".`,
  };
}
