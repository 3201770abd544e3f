import { isSecretName } from "../../rules/declarations.ts";
import type { Deps } from "../../ports/deps.ts";
import { readSigningKey } from "../../lib/digest.ts";
import type { Destination } from "../../rules/destination.ts";
import { findUrlProblem } from "../../rules/urls.ts";

/** Where a destination's events go, and what signs them. Never logged, never stored. */
export interface Receiver {
  readonly url: string;
  readonly keys: readonly Uint8Array[];
}

/** What the secrets of today make of a destination; words when nothing can be sent there. They quote no value. */
export function receiverOf(
  { secret }: Pick<Deps, "secret">,
  { url: declared, secrets }: Destination,
): Receiver | string {
  const named = isSecretName(declared);
  const url = named ? secret(declared) : declared;
  if (url === null) return `${declared} is not set`;
  // Once more here: a secret says only now what it holds.
  const problem = findUrlProblem(url);
  if (problem !== null) return `${named ? declared : "the URL"} ${problem}`;
  const keys: Uint8Array[] = [];
  for (const name of secrets) {
    const value = secret(name);
    if (value === null) continue;
    const key = readSigningKey(value);
    if (key === null) return `${name} is no secret of Standard Webhooks: whsec_ and base64`;
    keys.push(key);
  }
  return keys.length === 0
    ? `${secrets.join(" and ")} ${secrets.length > 1 ? "are" : "is"} not set`
    : { url, keys };
}
