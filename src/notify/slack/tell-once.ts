import type { Deps } from "../../ports/deps.ts";
import type { LogDetail } from "../../lib/log.ts";
import type { SlackMessage } from "./slack-message.ts";
import { tellOps } from "./tell-ops.ts";

/** Something that ops are to hear once. */
export interface OnceOnly {
  readonly message: SlackMessage;
  /** The line of the log where they could not be told. Its cause is added. */
  readonly untold: { readonly event: string; readonly detail: LogDetail };
}

/**
 * Tells ops, and has it recorded that they know: with null, or with the cause why nobody can be told, which saying it again would
 * not mend. While Slack is away or asks to slow down nothing is recorded, so that it is said by a later call. Told twice at most
 * when the record fails.
 */
export async function tellOnce(
  deps: Deps,
  { message, untold }: OnceOnly,
  record: (untold: string | null) => Promise<void>,
): Promise<void> {
  const told = await tellOps(deps, message);
  if (told.outcome === "told") return await record(null);
  deps.log("warn", untold.event, { ...untold.detail, cause: told.cause });
  if (told.outcome !== "again") await record(told.cause);
}
