import type { MiddlewareHandler } from "hono";
import type { Deps } from "../../../ports/deps.ts";
import { ASSERTION_HEADER, findAccessUser } from "./access.ts";
import type { ApiEnv } from "../api-env.ts";
import type { Caller } from "./caller-list.ts";
import { rememberCallers, type KnownCallers } from "./caller-settings.ts";
import { Problem } from "../problem.ts";
import { answerRefusal, countRefusals } from "./refusals.ts";
import { findToken, readBearer } from "./tokens.ts";

/**
 * Lets through whoever presents a token of API_TOKENS, or whom Cloudflare Access vouches for and ACCESS_USERS lists: `read`
 * for GET, HEAD and the simulation, `write` for everything. Sets `actor` to their name. A token that is presented counts alone, right or
 * wrong. Without settings, or when they cannot be read, everybody is refused.
 */
export function requireCaller(): MiddlewareHandler<ApiEnv> {
  const knownCallers = rememberCallers();
  const refusals = countRefusals();
  return async (c, next) => {
    const { deps } = c.var;
    const caller = await identify(c.req.raw, knownCallers(deps), deps);
    const refused = caller instanceof Problem;
    if (refused) refusals.add(deps.now());
    refusals.report(deps);
    if (refused) return await answerRefusal(caller, c.req.raw, deps);
    if (!isRead(c.req.raw) && !changesNothing(c.req.raw) && caller.scope !== "write")
      throw new Problem("forbidden", `${caller.name} may only read.`);
    c.set("actor", caller.name);
    return await next();
  };
}

async function identify(
  request: Request,
  { tokens, access }: KnownCallers,
  deps: Deps,
): Promise<Caller | Problem> {
  const authorization = request.headers.get("Authorization");
  const assertion = request.headers.get(ASSERTION_HEADER);
  if (!authorization && assertion !== null && access !== null) {
    if (!isRead(request) && isFromAnotherSite(request))
      return new Problem("forbidden", "A page of another site may change nothing here.");
    return await findAccessUser(access, assertion, deps.now());
  }
  const presented = readBearer(authorization);
  return (
    (presented === null ? null : findToken(tokens, presented)) ??
    new Problem("unauthorized", "This needs a valid token: send Authorization: Bearer TOKEN.")
  );
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** The one POST that is a question: a lead does not fit a URL, and what stands in URLs is logged on the way. */
function changesNothing({ method, url }: Request): boolean {
  return method === "POST" && new URL(url).pathname.endsWith("/simulate");
}

/**
 * Access keeps people logged in by a cookie, which a browser sends along with what any other site makes it post. Browsers say
 * where a request comes from; scripts with a service token do not, and nobody can borrow those.
 */
function isFromAnotherSite({ url, headers }: Request): boolean {
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = headers.get("Origin");
  return origin !== null && origin !== new URL(url).origin;
}
