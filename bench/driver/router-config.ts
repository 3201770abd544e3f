import { join } from "node:path";
import type { Unstable_RawConfig as RawConfig } from "wrangler";

const ROOT = join(import.meta.dirname, "..", "..");

/** How a bench differs from what wrangler.toml says. */
export interface RouterSetup {
  /** Text variables and secrets. */
  readonly vars: Readonly<Record<string, string>>;
  /** The worker's entry, from the project's root. Default: that of wrangler.toml. */
  readonly main?: string;
  /** Whether the router consumes its queues. Where not, the driver takes what is sent. */
  readonly consumes: boolean;
}

/**
 * The router as wrangler.toml has it, but for the static files of `GET /docs`: with them, local runs put two workers of their own
 * before every call.
 */
export async function configureRouter({ vars, main, consumes }: RouterSetup): Promise<RawConfig> {
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const config = readConfig({ config: join(ROOT, "wrangler.toml") }, { hideWarnings: true });
  const entry = main === undefined ? config.main : join(ROOT, main);
  if (entry === undefined) throw new Error("wrangler.toml names no entry");
  return {
    name: ROUTER,
    main: entry,
    ...(config.compatibility_date && { compatibility_date: config.compatibility_date }),
    compatibility_flags: config.compatibility_flags,
    d1_databases: config.d1_databases,
    durable_objects: config.durable_objects,
    migrations: config.migrations,
    ratelimits: config.ratelimits,
    queues: {
      producers: config.queues.producers ?? [],
      consumers: consumes ? (config.queues.consumers ?? []) : [],
    },
    vars: { ...config.vars, ...vars },
  };
}

export const ROUTER = "lead-router";
/** The queues that the router sends to. */
export const ROUTER_QUEUES = ["leads", "notifications", "deliveries"];
