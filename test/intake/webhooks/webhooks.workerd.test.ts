import { withDeps } from "../../with-deps.ts";
import { expect, it } from "vitest";
import { replayDelivery } from "../../../src/intake/webhooks/delivery.ts";
import { webhooksApp } from "../../../src/intake/webhooks/webhook-endpoint.ts";
import { dropOutlived, KEPT_MS, listKept } from "../../../src/intake/webhooks/unclaimed.ts";
import { maintainWebhooks } from "../../../src/intake/webhooks/unclaimed.ts";
import { rows } from "../../../src/lib/query.ts";
import { openRouter, select } from "../../pipeline/open-router.ts";
import { SENDER_CASES } from "./senders.ts";

// The same on the real runtime, its cryptography and its D1, for each sender: refused, kept, replayed, taken once.

it.each(SENDER_CASES)(
  "$name: a delivery is kept, taken when it can be, and once",
  async (sender) => {
    const secrets = new Map<string, string>();
    const { deps, leads, posts } = openRouter({
      sources: [sender.source],
      secret: (name) => secrets.get(name) ?? null,
    });
    const app = withDeps(webhooksApp(), () => deps);
    const { path, headers, body } = sender.sign(sender.body(1), sender.secrets[0], deps.now());
    const post = async () => (await app.request(path, { method: "POST", headers, body })).status;

    expect(await post()).toBe(503);
    secrets.set("SECRET_A", "whsec_b3RoZXI=").set("SECRET_B", "whsec_b3RoZXI=");
    expect(await post()).toBe(401);
    const [kept, ...others] = await rows(deps.db, listKept(null, "", 10, deps.now()));
    expect([kept?.reason, others]).toEqual(["not_configured", []]);

    secrets
      .set("SECRET_A", sender.secrets[0])
      .set("SLACK_OPS_WEBHOOK_URL", "https://slack.test/ops");
    await maintainWebhooks(deps);
    expect(JSON.stringify(posts)).toContain(sender.source.name);
    const replayed = await replayDelivery(deps, "ana", kept?.id ?? "");
    expect(replayed).toMatchObject({ outcome: "accepted", leads: [{ outcome: "received" }] });
    expect(await post()).toBe(200);
    expect(leads).toHaveLength(1);
    expect(
      await select(`SELECT email FROM leads WHERE fields LIKE '%${sender.source.name}%'`),
    ).toEqual([{ email: "jane@acme.test" }]);
    expect(await rows(deps.db, listKept(null, "", 10, deps.now()))).toEqual([]);
  },
);

it("drops what was kept for long enough, on D1", async () => {
  const [sender] = SENDER_CASES;
  if (sender === undefined) throw new Error("there are senders");
  const { deps } = openRouter({ sources: [sender.source], secret: () => null });
  const { path, headers, body } = sender.sign(sender.body(7), sender.secrets[0], deps.now());
  await withDeps(webhooksApp(), () => deps).request(path, { method: "POST", headers, body });
  expect(await rows(deps.db, dropOutlived(deps.now(), 10))).toHaveLength(0);
  expect(await rows(deps.db, dropOutlived(deps.now() + KEPT_MS + 60_000, 10))).toHaveLength(1);
});
