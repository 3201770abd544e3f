import type { Consistency } from "./api-client.ts";
import { WIDTH } from "./columns.ts";
import type { RunningRouter } from "./router.ts";
import { paint } from "./terminal.ts";

/** What the database says when all is done, and what Slack was told. */
export function renderConsistency(
  { leads, assigned, unassigned, undecided }: Consistency,
  sound: boolean,
  told: { readonly messages: number; readonly leads: number },
): string[] {
  return [
    paint(
      ["bold", sound ? "green" : "red"],
      sound ? "✓ Every lead has its decision" : "✗ Not every lead has its decision",
    ),
    `  D1     ${leads} leads = ${assigned} assigned + ${unassigned} unassigned + ${undecided} undecided`,
    `  Slack  ${told.leads} leads told of in ${told.messages} messages`,
  ];
}

/** Lines to paste while the router is up. `leadId` is one that is decided. */
export function renderServing({ url, token }: RunningRouter, leadId: string): string[] {
  const auth = `-H 'Authorization: Bearer ${token}'`;
  return [
    paint("dim", "─".repeat(WIDTH)),
    `${paint("bold", "Up at")} ${paint(["bold", "cyan"], url)}   ${paint("bold", "token")} ${token}`,
    paint("dim", "until you press Ctrl-C; Slack messages go on to appear below"),
    "",
    paint("dim", "# post a lead, as a form does"),
    `curl -s ${url}/leads -d name='Anna Huber' -d email=anna@falkenhof.example -d country=Austria`,
    "",
    paint("dim", "# ask why a lead went where it went"),
    `curl -s ${url}/api/leads/${leadId} ${auth}`,
    "",
    paint("dim", "# see who waits for ops"),
    `curl -s ${url}/api/unassigned ${auth}`,
    "",
  ];
}

export function renderNextSteps(): string[] {
  return [
    paint("dim", "─".repeat(WIDTH)),
    `${paint("bold", "Go on")}  npm run demo -- --serve      stays up, with lines to paste`,
    "       npm run demo -- leads.csv    routes your own leads",
    "       rules.ts                     says who gets what: change it, run the demo again",
    "       README.md                    how it works, and how to deploy it",
    "",
  ];
}
