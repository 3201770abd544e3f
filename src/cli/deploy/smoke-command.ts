import type { CommandIo } from "../command.ts";
import { z } from "zod";
import { UsageError } from "../command.ts";
import { readAddress } from "../rules/arguments.ts";
import { createRouterClient, LiveError, type RouterClient } from "../rules/router-client.ts";
import { checkHealth, type HealthIo } from "./deploy-command.ts";

/** What trying a router touches outside itself. */
export interface SmokeIo extends CommandIo, Pick<HealthIo, "sleep"> {
  readonly fetch: typeof fetch;
}

const SMOKE_USAGE = `LEAD_ROUTER_URL=https://… LEAD_ROUTER_TOKEN=… npm run smoke [-- --lead]

Asks a running router whether it is well and whether everything in it adds up; the token may be one that only reads.
--lead sends it a lead too and waits for its decision: for staging, because somebody gets it.
Exit code: 0 well, 1 not, 2 it could not be asked.`;

/** example.com is nobody's (RFC 2606): no mail ever reaches a person. */
const TEST_LEAD = { email: "smoke-test@example.com", name: "Smoke Test", source: "smoke-test" };
/** A decision takes a second or two; a cold start, and the sweep's minute after a lost message, are still well. */
const LEAD_TRIES = 45;
const LEAD_PAUSE_MS = 2_000;

const consistency = z.object({
  balanced: z.boolean(),
  leads: z.number(),
  undecided: z.number(),
  pods: z.array(z.object({ podId: z.string(), claims: z.number().nullable() })),
});
const received = z.object({ id: z.string() });
const story = z.object({
  decisions: z.array(
    z.object({ outcome: z.string(), rule: z.string().nullable(), ownerId: z.string().nullable() }),
  ),
});

/** `npm run smoke`: whether a router that was just deployed does its work. Yields the exit code (see SMOKE_USAGE). */
export async function smokeCommand(args: readonly string[], io: SmokeIo): Promise<number> {
  try {
    const [flag, ...others] = args;
    const url = io.env["LEAD_ROUTER_URL"] ?? "";
    if (others.length > 0 || (flag !== undefined && flag !== "--lead") || url === "")
      throw new UsageError(SMOKE_USAGE);
    const address = readAddress(url, io.env["LEAD_ROUTER_TOKEN"]);
    const problem =
      (await checkHealth(address.url, { ...io, fetch: (healthz) => io.fetch(healthz) })) ??
      (await tryIt(createRouterClient(address, io), address.url, flag === "--lead", io));
    if (problem !== null) io.err(problem);
    return problem === null ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof LiveError)) throw error;
    io.err(error.message);
    return error instanceof LiveError ? 1 : 2;
  }
}

async function tryIt(
  client: RouterClient,
  url: string,
  withLead: boolean,
  io: SmokeIo,
): Promise<string | null> {
  const problem = withLead ? await routeOne(client, url, io) : null;
  if (problem !== null) return problem;
  const { balanced, leads, undecided, pods } = await client.get(
    "/api/health/consistency",
    consistency,
  );
  io.out(`${leads} leads, ${undecided} of them undecided, ${pods.length} pods.`);
  if (!balanced) return "The leads do not add up: GET /api/health/consistency.";
  const silent = pods.filter(({ claims }) => claims === null).map(({ podId }) => podId);
  return silent.length === 0 ? null : `These pods do not answer: ${silent.join(", ")}.`;
}

async function routeOne(client: RouterClient, url: string, io: SmokeIo): Promise<string | null> {
  const response = await io.fetch(`${url}/leads`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(TEST_LEAD),
  });
  if (!response.ok) return `POST /leads answers ${response.status}.`;
  const { id } = received.parse(await response.json());
  for (let tried = 0; tried < LEAD_TRIES; tried += 1) {
    if (tried > 0) await io.sleep(LEAD_PAUSE_MS);
    const [decision] = (await client.get(`/api/leads/${id}`, story)).decisions;
    if (decision === undefined) continue;
    io.out(`The lead ${id} was decided: ${decision.outcome}, ${decision.ownerId ?? "nobody's"}.`);
    return null;
  }
  return `The lead ${id} was taken, and is not decided after ${(LEAD_TRIES * LEAD_PAUSE_MS) / 1000} s.`;
}
