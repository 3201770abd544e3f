export interface HealthIo {
  readonly out: (line: string) => void;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A new workers.dev address takes up to a minute until it is known everywhere; a new version takes seconds. */
const TRIES = 20;
const PAUSE_MS = 3_000;

/** Asks /healthz until it answers 200. Yields what is wrong in words, null when it is well. */
export async function checkHealth(
  address: string,
  { out, fetch, sleep }: HealthIo,
): Promise<string | null> {
  let last = "";
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried > 0) await sleep(PAUSE_MS);
    last = await ask(`${address}/healthz`, fetch);
    if (last === "200") return (out(`${address}/healthz answers 200.`), null);
  }
  return `${address}/healthz does not answer 200 (${last})`;
}

/** The token of .dev.vars.example, which everybody knows: a *Deploy to Cloudflare* form proposes it. */
export const EXAMPLE_TOKEN = "change-me";

/** What is wrong when the example's token opens the API; null when it does not. */
export async function checkExampleToken(
  address: string,
  { fetch }: HealthIo,
): Promise<string | null> {
  const response = await fetch(`${address}/api/health`, {
    headers: { authorization: `Bearer ${EXAMPLE_TOKEN}` },
  });
  await response.body?.cancel();
  return response.ok
    ? `everybody gets into its API: API_TOKENS holds the example's token. Make another (\`npm run token -- NAME write\`) and put it (\`npx wrangler secret put API_TOKENS\`)`
    : null;
}

async function ask(url: string, fetch: HealthIo["fetch"]): Promise<string> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return String(response.status);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
