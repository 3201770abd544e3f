import type { Environment } from "../deploy/environment.ts";
import type { RestoreStep } from "./plan-restore.ts";
import type { RestoreArguments } from "./arguments.ts";
import { ASK_BODY, rebuildBody } from "./ask-router.ts";

/** What a dry run shows, line by line: each step as a command that does the same by hand. */
export function listCommands(
  environment: Environment,
  { to, url }: Pick<RestoreArguments, "to" | "url">,
  steps: readonly RestoreStep[],
): readonly string[] {
  const address = url ?? environment.publicUrl ?? "$URL";
  return [
    `A restore of ${environment.name} would run:`,
    ...steps.map((step) => `  ${toCommand(step, address, to)}`),
    "\nDry run: nothing was done.",
  ];
}

const HEADERS = '-H "Authorization: Bearer $LEAD_ROUTER_TOKEN"';

function toCommand(step: RestoreStep, address: string, to: string | null): string {
  switch (step.kind) {
    case "wait":
      return `sleep ${step.seconds}`;
    case "ask":
      return `curl -X POST ${address}${step.path} ${HEADERS} -d '${ASK_BODY}'`;
    case "rebuild":
      return `curl -X POST ${address}${step.path} ${HEADERS} -d '${rebuildBody(to)}'`;
    case "verify":
      return `curl ${address}${step.path} ${HEADERS}`;
    default:
      return `npx wrangler ${step.command.join(" ")}`;
  }
}
