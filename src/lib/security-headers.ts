import { secureHeaders } from "hono/secure-headers";

/** What has said its own is not overruled; what nobody asked for is left out. */
const NOTHING_ELSE = {
  overwrite: false,
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

/**
 * Headers of every answer. No X-Frame-Options: sites post forms into a hidden frame, and the page after it has nothing to click.
 * A year of HTTPS for this host alone: its neighbours under the domain are not the router's to decide on.
 */
export const onEveryAnswer = secureHeaders({
  ...NOTHING_ELSE,
  strictTransportSecurity: "max-age=31536000",
  xContentTypeOptions: "nosniff",
  referrerPolicy: "no-referrer",
});

/** Headers of the operations API besides: its answers hold people, and are neither pages nor to be shown in one. */
export const onApiAnswers = secureHeaders({
  ...NOTHING_ELSE,
  strictTransportSecurity: false,
  xContentTypeOptions: false,
  referrerPolicy: false,
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  crossOriginResourcePolicy: "same-origin",
});
