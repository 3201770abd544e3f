import type { WithDeps } from "../../ports/deps.ts";

/** What a route of the API finds in its context. */
export interface ApiEnv {
  Variables: WithDeps["Variables"] & { actor: string };
}
