import type { Environment } from "../deploy/environment.ts";
import type { RestoreArguments } from "./arguments.ts";
import { z } from "zod";

/** What a restore does, in order. */
export type RestoreStep =
  | {
      readonly kind: "look" | "pause" | "go_back" | "migrate" | "resume";
      readonly says: string;
      /** Arguments of wrangler. */
      readonly command: readonly string[];
    }
  | { readonly kind: "wait"; readonly says: string; readonly seconds: number }
  | { readonly kind: "ask" | "rebuild" | "verify"; readonly says: string; readonly path: string };

/**
 * How long the passes that are under way when delivery is paused get to end. A pass takes seconds; a call to Slack or to a
 * receiver at most 10 (FETCH_LIMIT_MS in src/platform.ts), and a query of D1 at most 30. What outlives it is refused by the epoch.
 */
const WAIT_SECONDS = 60;

const REBUILD_PATH = "/api/pods/rebuild";
const VERIFY_PATH = "/api/health/consistency";

/**
 * Delivery is paused before the database goes back: a pass between the restore and the new epoch would draw from pods that
 * count what is gone. Leads are taken in all the while. A queue rests with what it holds: its messages are good in any epoch.
 * @param to null = the database was set back already, and what follows is left to do
 */
export function planRestore(
  { database, queues, flag }: Environment,
  to: string | null,
): readonly RestoreStep[] {
  const delivery = (kind: "pause" | "resume"): RestoreStep[] =>
    queues.map((queue) => ({
      kind,
      says: `${kind} delivery of the queue ${queue}`,
      command: ["queues", `${kind}-delivery`, queue, flag],
    }));
  return [
    ...(to === null ? [] : [look(to, flag)]),
    {
      kind: "ask",
      says: "ask the router which environment it is, with a token that may write",
      path: REBUILD_PATH,
    },
    ...delivery("pause"),
    { kind: "wait", says: "wait for running passes to end", seconds: WAIT_SECONDS },
    ...(to === null ? [] : [goBack(database.name, to, flag)]),
    {
      kind: "migrate",
      says: "migrate the schema, in case the restore set it back too",
      command: ["d1", "migrations", "apply", "DB", "--remote", flag],
    },
    { kind: "rebuild", says: "begin an epoch and have the pods count again", path: REBUILD_PATH },
    { kind: "verify", says: "check the pods' counts against the decisions", path: VERIFY_PATH },
    ...delivery("resume"),
  ];
}

/** Fails where Time Travel does not reach, before anything was touched. */
function look(to: string, flag: string): RestoreStep {
  return {
    kind: "look",
    says: `look whether Time Travel reaches back to ${to}`,
    command: ["d1", "time-travel", "info", "DB", `--timestamp=${to}`, "--json", flag],
  };
}

function goBack(database: string, to: string, flag: string): RestoreStep {
  return {
    kind: "go_back",
    says: `set ${database} back to ${to}`,
    // Without --json wrangler asks a second time, and says in words alone how to undo it.
    command: ["d1", "time-travel", "restore", "DB", `--timestamp=${to}`, "--json", flag],
  };
}

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

/** The router did not do what was asked; the message is for the person who restores. Never holds the token. */
export class RouterCallError extends Error {
  override readonly name = "RouterCallError";
}

const asked = z.object({ environment: z.string().nullable() });

const rebuilt = z.object({
  epoch: z.string(),
  pods: z.array(
    z.object({
      podId: z.string(),
      outcome: z.enum(["rebuilt", "later"]),
      claims: z.number().nullable(),
      cause: z.string().nullable(),
    }),
  ),
});

const consistency = z.object({
  balanced: z.boolean(),
  leads: z.number(),
  undecided: z.number(),
  pods: z.array(
    z.object({
      podId: z.string(),
      claims: z.number().nullable(),
      held: z.number().nullable(),
      decisions: z.number(),
      version: z.number().nullable(),
      versionInD1: z.number(),
    }),
  ),
});

type Rebuilt = z.infer<typeof rebuilt>;
export type Consistency = z.infer<typeof consistency>;

const problem = z.object({ detail: z.string() });

/** Counting a million decisions takes a pod tens of seconds. */
const PATIENCE_MS = 10 * 60_000;

const REASON = "npm run restore";
const ASK_BODY = JSON.stringify({ reason: REASON, dryRun: true });

/** @param to the instant the database was set back to; null = not known any more */
function rebuildBody(to: string | null): string {
  return JSON.stringify({ reason: REASON, ...(to !== null && { to }) });
}

/** The calls of the router that a restore needs. */
export interface RouterCalls {
  /** Changes nothing. Which environment it is, null = it was not told; refused to a token that may not write. */
  readonly ask: (path: string) => Promise<string | null>;
  readonly rebuild: (path: string, to: string | null) => Promise<Rebuilt>;
  readonly verify: (path: string) => Promise<Consistency>;
}

export function routerCalls(url: string, token: string, ask: typeof fetch): RouterCalls {
  return {
    ask: async (path) => (await call("POST", path, asked, ASK_BODY)).environment,
    rebuild: (path, to) => call("POST", path, rebuilt, rebuildBody(to)),
    verify: (path) => call("GET", path, consistency),
  };

  async function call<Answer>(
    method: string,
    path: string,
    schema: z.ZodType<Answer>,
    body?: string,
  ): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let response: Response;
    try {
      // A login page in front of the router answers with a way to itself.
      const redirect = "manual";
      const init = {
        method,
        headers,
        redirect,
        signal,
        ...(body !== undefined && { body }),
      } as const;
      response = await ask(`${url}${path}`, init);
    } catch (error) {
      throw new RouterCallError(`${new URL(url).host} did not answer.`, { cause: error });
    }
    const answer: unknown = await response.json().catch(() => null);
    const parsed = schema.safeParse(answer);
    if (response.ok && parsed.success) return parsed.data;
    const detail = problem.safeParse(answer).data?.detail.replace(/\p{Cc}+/gu, " ");
    throw new RouterCallError(
      `${path} answered ${response.status}: ${detail ?? "no reason given"}`,
    );
  }
}

/** The restore that was begun: its environment and address. */
export type Begun = Pick<RestoreArguments, "environment" | "url">;

/** The command that does the rest, of the same environment by the same address. */
function finishCommand({ environment, url }: Begun): string {
  const env = environment === null ? "" : ` --env ${environment}`;
  return `npm run restore -- --finish${env}${url === null ? "" : ` --url ${url}`}`;
}

const restored = z.object({ previous_bookmark: z.string() });

/**
 * How to undo the going back.
 * @param stdout what `wrangler d1 time-travel restore --json` wrote
 */
export function describeUndo(stdout: string, { flag }: Environment, begun: Begun): string {
  // The text around the JSON is for people.
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
      "The database was restored and the queues are paused: leads are accepted and wait.",
      `Do not restore again. When the cause is fixed: ${finishCommand(begun)}`,
    ];
  const resume = steps.flatMap((step) =>
    step.kind === "resume" ? [`  npx wrangler ${step.command.join(" ")}`] : [],
  );
  return ["The database was not restored, but queues may be paused. To resume:", ...resume];
}
