import { z } from "zod";

/** The router did not do what was asked, in words for whoever restores. Never holds the token. */
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

export type Rebuilt = z.infer<typeof rebuilt>;
export type Consistency = z.infer<typeof consistency>;

const problem = z.object({ detail: z.string() });

/** Counting a million decisions takes a pod tens of seconds. */
const PATIENCE_MS = 10 * 60_000;

const REASON = "npm run restore";
export const ASK_BODY = JSON.stringify({ reason: REASON, dryRun: true });

/** @param to the instant the database was set back to; null = not known any more */
export function rebuildBody(to: string | null): string {
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
