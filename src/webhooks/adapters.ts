import type { Adapter } from "./adapter.ts";
import type { Sender, Source } from "./source.ts";
import { calendly } from "./senders/calendly.ts";
import { googleAds } from "./senders/google-ads.ts";
import { hubspot } from "./senders/hubspot.ts";
import { standardWebhooks } from "./senders/standard-webhooks.ts";
import { tally } from "./senders/tally.ts";
import { typeform } from "./senders/typeform.ts";
import { webflowByPath, webflowSigned } from "./senders/webflow.ts";

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
