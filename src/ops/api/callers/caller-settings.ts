import type { Deps } from "../../../ports/deps.ts";
import { parseAccessUsers } from "./access-users.ts";
import { teamKeys, type Access } from "./access.ts";
import { parseTokens, type ApiToken } from "./tokens.ts";

/** Everybody whom the API lets in: no token and no Access = nobody. */
export interface KnownCallers {
  readonly tokens: readonly ApiToken[];
  readonly access: Access | null;
}

/** A team's domain as Access shows it: "acme.cloudflareaccess.com". */
const TEAM = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

const ACCESS_SETTINGS = ["ACCESS_TEAM", "ACCESS_AUD", "ACCESS_USERS"] as const;
const SETTINGS = ["API_TOKENS", ...ACCESS_SETTINGS];

/** Reads the settings once, and anew when they change: no call costs a hash but its own, and the keys of Access are kept. */
export function rememberCallers(): (deps: Deps) => KnownCallers {
  let last: { readonly settings: string; readonly known: KnownCallers } | null = null;
  return (deps) => {
    const settings = JSON.stringify(SETTINGS.map(deps.secret));
    if (last?.settings !== settings) {
      last = { settings, known: { tokens: readTokens(deps), access: readAccess(deps) } };
    }
    return last.known;
  };
}

function readTokens(deps: Deps): readonly ApiToken[] {
  const setting = deps.secret("API_TOKENS");
  if (setting === null) return [];
  const tokens = parseTokens(setting);
  if (tokens === null) deps.log("error", "api_tokens_unreadable");
  return tokens ?? [];
}

/** All three settings or none: an assertion whose audience nobody checks may be meant for anything. */
function readAccess(deps: Deps): Access | null {
  const [ACCESS_TEAM, ACCESS_AUD, ACCESS_USERS] = ACCESS_SETTINGS.map(deps.secret);
  if (!ACCESS_TEAM && !ACCESS_AUD && !ACCESS_USERS) return null;
  const unreadable = (setting: string) => {
    deps.log("error", "access_unreadable", { setting });
    return null;
  };
  if (!ACCESS_TEAM || !TEAM.test(ACCESS_TEAM)) return unreadable("ACCESS_TEAM");
  if (!ACCESS_AUD) return unreadable("ACCESS_AUD");
  const users = ACCESS_USERS ? parseAccessUsers(ACCESS_USERS) : null;
  if (users === null) return unreadable("ACCESS_USERS");
  const issuer = `https://${ACCESS_TEAM.toLowerCase()}`;
  return { issuer, audience: ACCESS_AUD, users, keys: teamKeys(issuer, deps) };
}
