import { withDeps } from "../../with-deps.ts";
import { chain, fallback, pod } from "lead-router";
import { v7 as uuidv7 } from "uuid";
import type { Deps } from "../../../src/ports/deps.ts";
import { webhooksApp } from "../../../src/intake/webhooks/webhook-endpoint.ts";
import { fakeDeps, NOW } from "../api/fakes.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { SENDER_CASES, type Post } from "./senders.ts";

export { NOW };

/** A router with every sender's source, its door, and a clock that the test moves. Both secrets of all are those of the case. */
export function openWebhooks(overrides: Partial<Deps> = {}) {
  const db = openD1();
  const clock = { now: NOW };
  /** By name. A case's two secrets are set under its own names, so one world serves one case. */
  const secrets = new Map<string, string>();
  const fake = fakeDeps(db, {
    chain: chain(fallback(pod("sdr"))),
    sources: SENDER_CASES.map(({ source }) => source),
    secret: (name) => secrets.get(name) ?? null,
    now: () => clock.now,
    newId: () => uuidv7({ msecs: clock.now }),
    ...overrides,
  });
  const app = withDeps(webhooksApp(), () => fake.deps);
  const all = (sql: string) =>
    db.sqlite
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  return {
    ...fake,
    db,
    clock,
    secrets,
    async post({ path, headers, body }: Post) {
      const response = await app.request(path, {
        method: "POST",
        headers: { ...headers },
        body,
      });
      const json: unknown = await response.json();
      return { status: response.status, headers: response.headers, json };
    },
    request: app.request,
    leads: () =>
      all("SELECT id, email, phone, name, source, fields FROM leads ORDER BY id").map((row) => ({
        ...row,
        id: String(row["id"]),
        fields: JSON.parse(String(row["fields"])),
      })),
    kept: () =>
      all("SELECT source, reason, bytes, received_at FROM webhook_deliveries ORDER BY id"),
    alarms: () =>
      all("SELECT source, reason, told_at, standing FROM webhook_alarms ORDER BY source, reason"),
    events: () =>
      all(
        "SELECT subject_type, subject_id, kind, actor, detail FROM events ORDER BY commit_no, id",
      ),
    quarantined: () => all("SELECT door, reason, draft FROM quarantine ORDER BY id"),
  };
}
