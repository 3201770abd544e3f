import type { Adapter } from "./adapter.ts";
import type { Sender, Source } from "../../rules/source.ts";
import { calendly } from "./calendly.ts";
import { googleAds } from "./google-ads.ts";
import { hubspot } from "./hubspot.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { tally } from "./tally.ts";
import { typeform } from "./typeform.ts";
import { webflowByPath, webflowSigned } from "./webflow.ts";

const ADAPTERS: Readonly<Record<Sender, Adapter>> = {
  calendly,
  "google-ads": googleAds,
  hubspot,
  "standard-webhooks": standardWebhooks,
  tally,
  typeform,
  webflow: webflowSigned,
};

/** What is known of a source's webhooks. */
export function adapterOf({ sender, proof }: Source): Adapter {
  return proof === "path" ? webflowByPath : ADAPTERS[sender];
}
