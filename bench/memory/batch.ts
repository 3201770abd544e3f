import { chain, fallback, matchedAccount, pod, territory } from "../../src/rules/index.ts";
import type { Lead } from "../../src/rules/lead.ts";
import type { Deps } from "../../src/ports/deps.ts";
import type { RouteMessage } from "../../src/record/messages.ts";
import { insertLead } from "../../src/record/leads.ts";
import { findEvidence } from "../../src/pod/settlement.ts";
import { PodCore } from "../../src/pod/pod.ts";
import type { PodPort } from "../../src/ports/pod.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { rows } from "../../src/lib/query.ts";
import { smallestLeadId } from "../../src/lib/ids.ts";
import { MemoryPodStorage } from "../../test/pod/memory-storage.ts";
import { openD1 } from "../../test/record/sqlite-d1.ts";

// One batch of large leads through the real pass, in a process of its own: see memory.ts. Prints the most that was alive, in bytes.

const LEADS = 100;
/** Bytes of what a visitor typed: with the rest of the lead some 100 kB, and a queue's message takes 128 kB. */
const TEXT_BYTES = 100_000;
const NOW = Date.UTC(2026, 10, 22, 9, 30);

const [how] = process.argv.slice(2);
const sqlite = openD1();
let most = 0;
/** With --expose-gc, what is alive at each call to D1, when its parameters and the answers before it are there. */
function look(): void {
  if (globalThis.gc === undefined) return;
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  most = Math.max(most, heapUsed + external);
}
const db = sqlite.through(async (call) => {
  look();
  const result = call();
  look();
  return result;
});
sqlite.sqlite.exec(`
  INSERT INTO reps (id, name, time_zone) VALUES ('ana', 'Ana', 'UTC'), ('bo', 'Bo', 'UTC');
  INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('dach', 'ana', 0), ('dach', 'bo', 1);`);

const dach = pod("dach");
const core = new PodCore(
  dach,
  new MemoryPodStorage(),
  () => NOW,
  (podId, claims, waiting) => findEvidence(db, podId, claims, waiting, NOW),
  null,
);
// RPC copies what it carries.
const port: PodPort = {
  catchUp: () => Promise.reject(new Error("nothing was restored")),
  claim: async (request) => structuredClone(core.claim(structuredClone(request))),
  accept: async (roster) => core.accept(structuredClone(roster)),
  giveBack: async (seqs) => core.giveBack(seqs),
  release: async (seqs) => core.release(seqs),
  debit: async (debits) => core.debit(debits),
  preview: async (request) => core.preview(request),
  snapshot: async () => core.snapshot(),
};
let ids = 0;
const unused = async () => {};
const deps: Deps = {
  db,
  chain: chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
    fallback(pod("everyone")),
  ),
  forms: [],
  sources: [],
  destinations: [],
  leads: { send: unused },
  notifications: { send: unused },
  deliveries: { send: unused },
  pod: () => port,
  secret: () => null,
  allow: async () => null,
  fetch: async () => new Response("ok"),
  now: () => NOW,
  sleep: unused,
  random: () => 0.5,
  newId: () => smallestLeadId(NOW + ++ids),
  log: () => {},
};

const messages: RouteMessage[] = [];
for (let n = 0; n < LEADS; n++) {
  const lead = makeLead(n);
  if (how === "stored") await rows(sqlite, insertLead(lead, null));
  const message: RouteMessage = { leadId: lead.id, generation: 1 };
  // As the queue hands it over: parsed from its text.
  messages.push(
    how === "stored"
      ? message
      : JSON.parse(JSON.stringify({ ...message, spilled: { lead, idempotencyKey: null } })),
  );
}
let acked = 0;
await consumeLeads(
  deps,
  messages.map((body) => ({ body, attempts: 1, ack: () => void acked++, retry: () => {} })),
);
const decided = sqlite.sqlite
  .prepare(
    "SELECT count(*) AS n FROM decisions JOIN leads ON id = lead_id WHERE owner_id IS NOT NULL",
  )
  .get()?.["n"];
if (acked !== LEADS || decided !== LEADS)
  throw new Error(`${acked} of ${LEADS} acknowledged, ${String(decided)} assigned`);
console.log(most);

function makeLead(n: number): Lead {
  return {
    id: smallestLeadId(NOW - 60_000 + n),
    receivedAt: NOW - 60_000 + n,
    email: `person-${n}@customer-${n}.example`,
    phone: null,
    name: `Person ${n}`,
    company: null,
    companyDomain: `customer-${n}.example`,
    countryCode: "DE",
    region: null,
    source: "website",
    score: null,
    fields: { message: `${n} ${"We would like to hear more. ".repeat(TEXT_BYTES / 28)}` },
  };
}
