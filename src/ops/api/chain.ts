import { z } from "zod";
import { describePod, describeRule } from "../../rules/describe-chain.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { trailStepShape } from "./leads/lead-shapes.ts";
import { podFields } from "./roster/pods.ts";

const chainShape = z
  .strictObject({
    version: z.string().meta({ description: "Hash of the rules; every decision stores it." }),
    rules: z
      .array(
        z.strictObject({
          name: z.string(),
          kind: trailStepShape.shape.kind,
          podId: z.string().nullable().meta({
            description: "The pod it sends to; null where the rule names the rep itself.",
          }),
          definition: z
            .record(z.string(), z.unknown())
            .meta({ description: "What it looks at, as rules.ts has it." }),
          words: z.string(),
        }),
      )
      .readonly()
      .meta({
        description: "In the order they are tried: the first that finds a rep takes the lead.",
      }),
    pods: z
      .array(z.strictObject({ id: z.string(), settings: podFields.settings, words: z.string() }))
      .readonly()
      .meta({ description: "In order of first mention." }),
  })
  .meta({ id: "Chain" });

const EXAMPLE: z.infer<typeof chainShape> = {
  version: "4be0c1a97f35",
  rules: [
    {
      name: "matched account",
      kind: "matched_account",
      podId: null,
      definition: { whenOwnerAway: "next" },
      words: "the account's owner, if they are there; else the next rule",
    },
    {
      name: "DACH",
      kind: "territory",
      podId: "dach",
      definition: { conditions: { countryCode: ["DE", "AT", "CH"] } },
      words: "country is DE, AT or CH → dach",
    },
    {
      name: "fallback",
      kind: "fallback",
      podId: "everyone",
      definition: { conditions: {} },
      words: "every lead that is left → everyone",
    },
  ],
  pods: [
    {
      id: "dach",
      settings: { dailyCap: 15, openCap: null },
      words:
        "at most 15 leads a day each, unless a member has a cap of their own; a lead that nobody can take goes to the next rule",
    },
    {
      id: "everyone",
      settings: { dailyCap: null, openCap: null },
      words:
        "no caps but those of single members; a lead that nobody can take goes to the next rule",
    },
  ],
};

/** `/chain`: the rules that are in force. Mounted under /api. */
export function chainApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/chain",
      tag: "Rules",
      summary: "Which rules are in force?",
      description: "The chain of rules.ts as data and in words, with its version.",
      answers: { 200: { description: "The chain.", schema: chainShape, example: EXAMPLE } },
    },
    async ({ deps: { chain } }) => ({
      status: 200,
      body: {
        version: chain.version,
        rules: chain.rules.map((rule) => ({
          name: rule.name,
          kind: rule.kind,
          podId: rule.pod?.id ?? null,
          definition: rule.definition,
          words: describeRule(rule),
        })),
        pods: chain.pods.map((pod) => ({
          id: pod.id,
          settings: { dailyCap: null, openCap: null, ...pod.settings },
          words: describePod(pod),
        })),
      },
    }),
  );

  return api;
}
