import { Hono, type Env } from "hono";
import type { Deps, WithDeps } from "../src/ports/deps.ts";

type Bindings = Readonly<Record<string, unknown>>;

/** An app as src/index.ts mounts it. Secrets and limits that a request brings as bindings go before those of `deps`. */
export function withDeps<AppEnv extends Env>(app: Hono<AppEnv>, depsOf: () => Deps) {
  return new Hono<WithDeps & { Bindings: Bindings }>()
    .use(async (c, next) => {
      c.set("deps", bind(depsOf(), c.env ?? {}));
      await next();
    })
    .route("/", app);
}

function bind(deps: Deps, bindings: Bindings): Deps {
  const bound: Pick<Deps, "secret" | "allow"> = {
    secret: (name) => {
      const value = bindings[name];
      return typeof value === "string" && value !== "" ? value : deps.secret(name);
    },
    allow: async (limit, key) => {
      const limiter = bindings[limit] as RateLimit | undefined;
      return limiter ? (await limiter.limit({ key })).success : await deps.allow(limit, key);
    },
  };
  // Not spread: a stand-in whose getters throw when they are read would throw here.
  return Object.defineProperties({} as Deps, {
    ...Object.getOwnPropertyDescriptors(deps),
    ...Object.getOwnPropertyDescriptors(bound),
  });
}
