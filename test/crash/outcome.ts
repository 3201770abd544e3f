import type { PodView, Story } from "./answers.ts";
import type { RouterClient } from "./router-client.ts";
import { POD_IDS } from "./team.ts";

/** Stories read at a time: more would only queue up in the one worker. */
const READ_WIDTH = 8;

/** What the router says when all is quiet. */
export interface Outcome {
  /** Every lead that is stored. */
  readonly stories: readonly Story[];
  /** The lead behind each id that a form was answered with; null = there is none. */
  readonly leadOfAnswer: ReadonlyMap<string, string | null>;
  readonly pods: readonly PodView[];
}

/** Reads everything through the API. */
export async function readOutcome(
  client: RouterClient,
  answeredIds: readonly string[],
): Promise<Outcome> {
  const stored = (await client.listLeads()).map(({ lead }) => lead.id);
  const ids = [...new Set([...stored, ...answeredIds])];
  const stories = new Map<string, Story | null>();
  const waiting = ids.values();
  await Promise.all(
    Array.from({ length: READ_WIDTH }, async () => {
      for (const id of waiting) stories.set(id, await client.readStory(id));
    }),
  );
  return {
    stories: stored.flatMap((id) => stories.get(id) ?? []),
    leadOfAnswer: new Map(answeredIds.map((id) => [id, stories.get(id)?.lead.id ?? null])),
    pods: await Promise.all(POD_IDS.map((podId) => client.readPod(podId))),
  };
}
