import { z } from "zod";
import type { LiveAccounts, LiveRouter, RuleUse } from "../check/live-router.ts";
import type { LiveAddress } from "./arguments.ts";
import { createRouterClient, type ClientIo, type RouterClient } from "./router-client.ts";

/** Items a page asks for: the most that the API gives. */
const PAGE = 200;
/** Pages of one list: 10,000 reps or accounts in some ten seconds. */
const MOST_PAGES = 50;
/** Days that a rule may be silent before it is told of. */
const DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

const pods = z.object({
  items: z.array(z.object({ id: z.string(), members: z.array(z.object({ repId: z.string() })) })),
});
const rep = z.object({ id: z.string(), active: z.boolean() });
const account = z.object({ domain: z.string(), ownerId: z.string() });
const chain = z.object({ version: z.string() });
const ruleUse = z.object({
  routed: z.number(),
  rules: z.array(
    z.object({
      rule: z.string(),
      tried: z.number(),
      matched: z.number(),
      stopped: z.boolean(),
      explanation: z.string().nullable(),
    }),
  ),
});
const health = z.object({
  slack: z.array(
    z.object({
      name: z.string(),
      what: z.string(),
      pods: z.array(z.string()),
      required: z.boolean(),
      isSet: z.boolean(),
    }),
  ),
});

/**
 * Asks a running router what its rules have to do with: some calls of a second or two together; the accounts are bounded.
 * @throws {LiveError} when it does not answer, refuses the token, or answers what is not understood
 */
export async function readLive(
  address: LiveAddress,
  io: ClientIo & { readonly now: () => number },
): Promise<LiveRouter> {
  const client = createRouterClient(address, io);
  const { items } = await client.get("/api/pods", pods);
  const [reps, accounts, version, use, slack] = await Promise.all([
    readPages(client, "/api/reps", rep),
    readPages(client, "/api/accounts", account),
    client.find("/api/chain", chain),
    readUse(client, io.now()),
    client.find("/api/health", health),
  ]);
  return {
    chainVersion: version?.version ?? null,
    pods: items.map(({ id, members }) => ({ id, members: members.map(({ repId }) => repId) })),
    reps: new Map(reps.looked.map(({ id, active }) => [id, active])),
    accounts: accounts satisfies LiveAccounts,
    use,
    slack: slack?.slack ?? null,
  };
}

async function readPages<Item>(
  client: RouterClient,
  path: string,
  item: z.ZodType<Item>,
): Promise<{ readonly looked: readonly Item[]; readonly more: boolean }> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
  const looked: Item[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const { items, nextCursor }: z.infer<typeof page> = await client.get(
      `${path}?${query.toString()}`,
      page,
    );
    looked.push(...items);
    if (nextCursor === null) return { looked, more: false };
    cursor = nextCursor;
  }
  return { looked, more: true };
}

async function readUse(client: RouterClient, now: number): Promise<RuleUse | null> {
  const query = new URLSearchParams({ from: new Date(now - DAYS * DAY_MS).toISOString() });
  const answer = await client.find(`/api/metrics/rules?${query.toString()}`, ruleUse);
  return answer === null ? null : { days: DAYS, ...answer };
}
