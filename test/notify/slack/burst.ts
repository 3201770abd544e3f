import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { createApiClient } from "../../../demo/api-client.ts";
import { startRouter } from "../../../demo/router.ts";
import { shownTexts } from "./shown-texts.ts";
import { startSlackServer, type SlackServer } from "./slack-server.ts";

// `npm run slack`: the real Worker on workerd, with its queues and D1, against a Slack on loopback that keeps Slack's rate
// limit. First a burst into one channel, then a steady stream. Prints what was measured; ends with 1 when a lead was not
// announced, or a promise about time was not kept.

const { values } = parseArgs({
  options: {
    burst: { type: "string", default: "1000" },
    over: { type: "string", default: "10" },
    rate: { type: "string", default: "20" },
    seconds: { type: "string", default: "30" },
  },
});

/** What a webhook of Slack's takes to answer, in milliseconds, about. */
const LATENCY_MS = 150;
/** Messages a channel takes at once: Slack lets "short bursts" pass and says no number. */
const SHORT_BURST = 2;
/** The promises: a burst of a thousand within a minute; received → notified p95 (DESIGN, section 2). In seconds. */
const BURST_LIMIT = 60;
const P95_LIMIT = 30;
/** After that a lead counts as never announced, in milliseconds. */
const PATIENCE_MS = 3 * 60_000;
const REPS = ["ana", "bo", "cem", "dana"];

const closing = new AsyncDisposableStack();
let failed = false;
try {
  const slack = await startSlackServer({ latencyMs: LATENCY_MS, burst: SHORT_BURST });
  closing.defer(() => slack.close());
  const urls = { assignmentsUrl: slack.webhook("#new-leads"), opsUrl: slack.webhook("#ops") };
  const router = await startRouter(urls, closing);
  const api = createApiClient(router);
  for (const [n, id] of REPS.entries()) {
    const rep = { name: `Rep ${id}`, slackUserId: `U0${n}REP`, timeZone: "Etc/UTC" };
    await api.put(`/api/reps/${id}`, rep);
    await api.put(`/api/pods/everyone/members/${id}`, {});
  }
  const burst = Number(values.burst);
  await measure("burst", slack, router.url, burst, Number(values.over) * 1_000, (figures) => {
    if (burst === 1_000) promise("the last within", figures.toLast, BURST_LIMIT);
  });
  const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
  await measure("steady", slack, router.url, rate * seconds, seconds * 1_000, (figures) =>
    promise("received → Slack accepted p95 within", figures.p95, P95_LIMIT),
  );
} finally {
  await closing.disposeAsync();
}
process.exit(failed ? 1 : 0);

interface Figures {
  /** Seconds from the first lead's post to the last one's message. */
  readonly toLast: number;
  readonly p95: number;
}

/** Posts so many leads evenly over a time, waits for their messages, and prints what came of them. */
async function measure(
  name: string,
  slack: SlackServer,
  url: string,
  count: number,
  overMs: number,
  check: (figures: Figures) => void,
): Promise<void> {
  const calls = { ...slack.calls };
  const before = slack.taken.length;
  const startedAt = Date.now();
  const postedAt = new Map<string, number>();
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      await sleep((n * overMs) / count);
      const email = `lead-${n}@${name}.example`;
      postedAt.set(email, Date.now());
      const body = JSON.stringify({
        email,
        name: `Maximiliane Musterfrau ${n}`,
        phone: `+49 30 ${100_000 + n}`,
        company: `Musterfrau & Söhne ${n} GmbH`,
        country: "FR",
        source: "newsletter",
        score: 10,
      });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/leads`, { method: "POST", headers, body });
      if (!response.ok) throw new Error(`a lead was answered ${response.status}`);
      await response.body?.cancel();
    }),
  );

  const told = new Map<string, number[]>();
  let read = before;
  while (told.size < count && Date.now() - startedAt < PATIENCE_MS) {
    await sleep(100);
    for (; read < slack.taken.length; read++) {
      const taken = slack.taken[read];
      if (taken === undefined) continue;
      for (const email of emailsIn(taken.message.blocks, name))
        told.set(email, [...(told.get(email) ?? []), taken.at]);
    }
  }
  const firsts = [...told].map(([email, [at = 0]]) => (at - (postedAt.get(email) ?? 0)) / 1_000);
  const sorted = firsts.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
  const last = Math.max(...[...told.values()].map(([at = 0]) => at));
  const twice = [...told.values()].filter((times) => times.length > 1).length;
  const figures = { toLast: (last - startedAt) / 1_000, p95: quantile(0.95) };
  console.log(
    [
      `${name}: ${count} leads in ${overMs / 1_000} s to one channel`,
      `  announced             ${told.size} of ${count}, ${twice} of them twice`,
      `  messages              ${read - before}, ${(count / (read - before)).toFixed(1)} leads each`,
      `  answered 429          ${slack.calls.limited - calls.limited} of ${slack.calls.all - calls.all} calls`,
      `  first to last         ${figures.toLast.toFixed(1)} s`,
      `  received → accepted   p50 ${quantile(0.5).toFixed(1)} s, p95 ${figures.p95.toFixed(1)} s, p99 ${quantile(0.99).toFixed(1)} s`,
    ].join("\n"),
  );
  if (told.size < count || twice > 0) failed = true;
  check(figures);
}

function emailsIn(blocks: Parameters<typeof shownTexts>[0], name: string): string[] {
  const text = shownTexts(blocks)
    .map((shown) => shown.text)
    .join("\n");
  return [...text.matchAll(new RegExp(`lead-\\d+@${name}\\.example`, "g"))].map(([email]) => email);
}

function promise(what: string, measured: number, limit: number): void {
  const kept = measured <= limit;
  if (!kept) failed = true;
  console.log(`  ${kept ? "kept" : "BROKEN"}: ${what} ${limit} s`);
}
