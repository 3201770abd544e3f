import { readMessage, renderMessage } from "./print-slack.ts";
import { REPS } from "./sample-team.ts";
import { startSlackStandIn, type SlackStandIn } from "./slack-stand-in.ts";
import type { Terminal } from "./terminal.ts";

/** The stand-in for Slack, and what reps and ops were told there so far. */
export interface SlackLog extends SlackStandIn {
  readonly told: { readonly messages: number; readonly leads: number };
  /** Whether messages are shown as they arrive; they are counted either way. */
  showing: boolean;
}

export async function listenToSlack(terminal: Terminal): Promise<SlackLog> {
  const told = { messages: 0, leads: 0 };
  const standIn = await startSlackStandIn((channel, message) => {
    told.messages += 1;
    told.leads += readMessage(message, nameOfSlackUser).told.length;
    if (log.showing) terminal.print(...renderMessage(channel, message, nameOfSlackUser));
  });
  const log: SlackLog = { ...standIn, told, showing: true };
  return log;
}

function nameOfSlackUser(slackUserId: string): string {
  return REPS.find((rep) => rep.slackUserId === slackUserId)?.name ?? slackUserId;
}
