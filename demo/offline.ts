/** Variables for wrangler: no account, no metrics, no update check, so that nothing leaves the machine. */
export const OFFLINE = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
};

/** And no word of wrangler's own. Read by it when it is imported: to be set before. */
export const OFFLINE_AND_QUIET = { ...OFFLINE, WRANGLER_LOG: "none" };
