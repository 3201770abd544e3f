import { z } from "zod";
import type { Environment } from "../deploy/environment.ts";
import type { RestoreStep } from "./plan-restore.ts";
import type { RestoreArguments } from "./arguments.ts";

/** What was begun, and of whom. */
export type Begun = Pick<RestoreArguments, "environment" | "url">;

/** The command that does the rest, of the same environment by the same address. */
export function finishCommand({ environment, url }: Begun): string {
  const env = environment === null ? "" : ` --env ${environment}`;
  return `npm run restore -- --finish${env}${url === null ? "" : ` --url ${url}`}`;
}

const restored = z.object({ previous_bookmark: z.string() });

/**
 * How to undo the going back.
 * @param stdout what `wrangler d1 time-travel restore --json` wrote
 */
export function describeUndo(stdout: string, { flag }: Environment, begun: Begun): string {
  // Whatever stands around the JSON is not for programs.
  const json = stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = null;
  }
  const bookmark = restored.safeParse(value).data?.previous_bookmark;
  return bookmark === undefined
    ? stdout.trim()
    : `to undo: npx wrangler d1 time-travel restore DB --bookmark=${bookmark} ${flag}, then ${finishCommand(begun)}`;
}

/**
 * What is left to do after a step failed, line by line.
 * @param at how far it came: whether the database was set back, and whether queues may rest
 */
export function listWhatIsLeft(
  steps: readonly RestoreStep[],
  at: { readonly gone: boolean; readonly paused: boolean },
  begun: Begun,
): readonly string[] {
  if (!at.paused) return ["Nothing was changed."];
  if (at.gone)
    return [
      "The database was set back, and the queues rest: leads are taken in, and wait.",
      `Do not go back a second time. When it is mended: ${finishCommand(begun)}`,
    ];
  const resume = steps.flatMap((step) =>
    step.kind === "resume" ? [`  npx wrangler ${step.command.join(" ")}`] : [],
  );
  return ["The database was not set back, but queues may rest. To resume:", ...resume];
}
