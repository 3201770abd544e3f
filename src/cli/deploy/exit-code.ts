import { ConfigError } from "./environment.ts";
import { UsageError } from "./arguments.ts";
import { WranglerError } from "./look-around.ts";

/**
 * What stopped a command, told in one message: the exit code is 1 where wrangler failed, 2 where it was not understood. What
 * was not foreseen is thrown on.
 */
export function exitCodeOf(error: unknown, err: (line: string) => void): 1 | 2 {
  const isForeseen =
    error instanceof UsageError || error instanceof ConfigError || error instanceof WranglerError;
  if (!isForeseen) throw error;
  err(error.message);
  return error instanceof WranglerError ? 1 : 2;
}
