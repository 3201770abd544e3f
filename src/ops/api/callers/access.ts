import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { Deps } from "../../../ports/deps.ts";
import { failureMessage } from "../../../lib/failure.ts";
import type { AccessUser } from "./access-users.ts";
import { Problem } from "../problem.ts";

/** The header in which Cloudflare Access says who passed it. */
export const ASSERTION_HEADER = "Cf-Access-Jwt-Assertion";

/** Cloudflare Access as it is set up for this router. */
export interface Access {
  /** The team's own address: "https://acme.cloudflareaccess.com". */
  readonly issuer: string;
  /** The application's audience tag. */
  readonly audience: string;
  readonly users: readonly AccessUser[];
  /** The team's keys, fetched when they are first asked for and kept. */
  readonly keys: JWTVerifyGetKey;
}

/** The team's signing keys: fetched once in ten minutes, and at most twice a minute for a key that is not among them. */
export function teamKeys(issuer: string, deps: Deps): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`), {
    [customFetch]: (url, options) => deps.fetch(url, options),
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      // The assertion's own fault; whatever else goes wrong here lies with the keys.
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      deps.log("warn", "access_keys_unavailable", { error: failureMessage(error) });
      throw new Problem(
        "unavailable",
        "The keys of Cloudflare Access cannot be had just now, so nobody can be let in by it.",
      );
    }
  };
}

/**
 * Who Cloudflare Access says is calling, as ACCESS_USERS names them; else the refusal. Access says who, the list says
 * what they may: whoever it does not name is refused, also when Access lets them pass.
 * @throws {Problem} unavailable when the team's keys cannot be had
 */
export async function findAccessUser(
  { issuer, audience, users, keys }: Access,
  assertion: string,
  now: number,
): Promise<AccessUser | Problem> {
  try {
    const { payload } = await jwtVerify(assertion, keys, {
      issuer,
      audience,
      // Access signs with nothing else, so that no other algorithm can be talked into here.
      algorithms: ["RS256"],
      requiredClaims: ["exp"],
      currentDate: new Date(now),
    });
    const user = users.find(({ claim, value }) => isSame(payload[claim], value));
    return (
      user ??
      new Problem(
        "forbidden",
        "Cloudflare Access let you pass, but ACCESS_USERS does not list you.",
      )
    );
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return new Problem("unauthorized", `Cloudflare Access: the assertion ${faultOf(error)}.`);
  }
}

function isSame(claimed: unknown, value: string): boolean {
  return typeof claimed === "string" && claimed.toLowerCase() === value;
}

/** In words that quote nothing of the assertion. */
function faultOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return "is for another application than ACCESS_AUD";
    if (error.claim === "iss") return "is not from the team ACCESS_TEAM";
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return "cannot be read";
  return "is not one that the team signed for now";
}
