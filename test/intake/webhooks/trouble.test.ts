import { describe, expect, it } from "vitest";
import { maintainWebhooks } from "../../../src/intake/webhooks/unclaimed.ts";
import { openWebhooks } from "./webhook-world.ts";
import { senderCase } from "./senders.ts";

const typeform = senderCase("Typeform");
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** A router whose Slack remembers what it was told, and answers `status`. */
function openTold(ops: string | null = "https://slack.test/ops") {
  const told: string[] = [];
  const slack = { status: 200 };
  const world = openWebhooks({
    fetch: async (_url, { body }) => {
      told.push(String(body));
      return new Response("ok", { status: slack.status });
    },
  });
  world.secrets.set("SECRET_A", typeform.secrets[0]);
  world.secrets.set("SECRET_B", typeform.secrets[1]);
  if (ops !== null) world.secrets.set("SLACK_OPS_WEBHOOK_URL", ops);
  let n = 0;
  const send = async (secret: string, body = typeform.body(++n)) =>
    (await world.post(typeform.sign(body, secret, world.clock.now))).status;
  return {
    ...world,
    told,
    slack,
    tend: () => maintainWebhooks(world.deps),
    wrong: () => send("wrong"),
    good: () => send(typeform.secrets[0]),
    unreadable: () => send(typeform.secrets[0], `no JSON ${++n}`),
  };
}

describe("ops", () => {
  it("are told once of a source whose signatures do not fit, not of each delivery", async () => {
    const world = openTold();
    for (let day = 0; day < 3; day++) {
      expect(await world.wrong()).toBe(401);
      await world.tend();
      world.clock.now += DAY_MS;
    }
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toContain("An incoming webhook needs a look: typeform/contact");
    expect(world.told[0]).toContain("typeform/contact got a delivery whose signature fits none");
    expect(world.told[0]).not.toContain("jane");
    expect(world.events()).toMatchObject([
      { subject_type: "source", subject_id: "typeform/contact", kind: "webhook_trouble" },
    ]);
  });

  it("are told anew after a good delivery, but not twice in an hour", async () => {
    const world = openTold();
    await world.wrong();
    await world.tend();
    expect(await world.good()).toBe(200);
    await world.wrong();
    await world.tend();
    expect(world.told).toHaveLength(1);
    world.clock.now += HOUR_MS;
    await world.wrong();
    await world.tend();
    expect(world.told).toHaveLength(2);
    world.clock.now += HOUR_MS;
    await world.wrong();
    await world.tend();
    expect(world.told).toHaveLength(2);
  });

  it("are told once a day of what a sender sends and nobody can use", async () => {
    const world = openTold();
    for (let hours = 0; hours < 24; hours++) {
      expect(await world.unreadable()).toBe(200);
      await world.good();
      await world.tend();
      world.clock.now += HOUR_MS;
    }
    expect(world.told).toHaveLength(1);
    await world.unreadable();
    await world.tend();
    expect(world.told).toHaveLength(2);
  });

  it("are told when Slack is back", async () => {
    const world = openTold();
    await world.wrong();
    world.slack.status = 503;
    await world.tend();
    await world.tend();
    expect(world.events()).toEqual([]);
    world.slack.status = 200;
    await world.tend();
    await world.tend();
    expect(world.told).toHaveLength(3);
    expect(world.events()).toHaveLength(1);
  });

  it("hear nothing twice of what Slack refuses, or where they have no Slack; the audit has it", async () => {
    const refused = openTold();
    refused.slack.status = 400;
    const without = openTold(null);
    for (const world of [refused, without]) {
      await world.wrong();
      await world.tend();
      await world.tend();
      expect(world.events()).toHaveLength(1);
    }
    expect(refused.told).toHaveLength(1);
    expect(JSON.stringify(refused.events())).toContain("Slack answered 400");
    expect(JSON.stringify(without.events())).toContain("SLACK_OPS_WEBHOOK_URL is not set");
  });

  it("hear beside the assignments when their own webhook is gone, and a dead one is not asked for ever", async () => {
    for (const [fallback, urls] of [
      [
        "https://slack.test/assignments",
        ["https://slack.test/ops", "https://slack.test/assignments"],
      ],
      [null, ["https://slack.test/ops"]],
    ] as const) {
      const posted: string[] = [];
      const world = openTold();
      if (fallback !== null) world.secrets.set("SLACK_WEBHOOK_URL", fallback);
      const deps = {
        ...world.deps,
        fetch: async (url: string) => {
          posted.push(url);
          return url === fallback
            ? new Response("ok")
            : new Response("no_service", { status: 404 });
        },
      };
      await world.wrong();
      for (let minute = 0; minute < 3; minute++) await maintainWebhooks(deps);
      expect(posted).toEqual(urls);
      const untold = fallback === null ? "Slack answered 404 no_service" : null;
      expect(world.events().map(({ detail }) => JSON.parse(String(detail)))).toMatchObject([
        { untold },
      ]);
    }
  });
});

it("keeps what somebody sent for seven days, and not longer", async () => {
  const world = openTold();
  await world.wrong();
  world.clock.now += 7 * DAY_MS;
  await world.tend();
  expect(world.kept()).toHaveLength(1);
  world.clock.now += 1;
  await world.tend();
  expect(world.kept()).toEqual([]);
});

it("puts off what D1 refuses, and holds nothing else up", async () => {
  const world = openTold();
  const away = () => Promise.reject(new Error("Network connection lost."));
  await maintainWebhooks({ ...world.deps, db: world.db.through(away) });
  expect(world.logged).toMatchObject([{ event: "webhooks_not_tended" }]);
});

it("costs a healthy delivery no row beyond the lead and its key", async () => {
  const world = openTold();
  const before = world.db.totalChanges();
  await world.good();
  expect(world.db.totalChanges() - before).toBe(1);
});
