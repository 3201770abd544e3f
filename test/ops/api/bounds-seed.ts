import { env } from "cloudflare:workers";

// Two hundred thousand leads, two months of a busy team, with all that belongs to them: put down by SQL, in seconds.

const LEADS = 200_000;
export const NOW = Date.UTC(2026, 10, 24, 12, 30);
const DAYS = 60;
/** Leads are decided so many to a commit, and what is told of them is the next. */
const BATCH = 50;
export const COMMITS = (2 * LEADS) / BATCH;
/** Leads put down by one statement: each has a limit of time. */
const PART = 20_000;
const START = NOW - DAYS * 24 * 60 * 60_000;
const EVERY_MS = Math.floor((NOW - START) / LEADS);

const CANDIDATE = {
  repId: "rep-1",
  eligibility: "eligible",
  reason: "has 2 leads today",
  until: null,
  count: 2,
  cap: null,
  weight: 1,
  balance: 0,
};
const PICKED = JSON.stringify([
  { rule: "matched account", kind: "matched_account", outcome: "no_match", reason: "no account" },
  {
    rule: "DACH",
    kind: "territory",
    outcome: "matched",
    reason: "the country is DE",
    podId: "dach",
    candidates: [{ ...CANDIDATE, repId: "rep-2" }, CANDIDATE],
    picked: "rep-2",
    runnerUp: "rep-1",
  },
]);
const NOBODY = JSON.stringify([
  { rule: "DACH", kind: "territory", outcome: "no_match", reason: "the country is FR" },
  {
    rule: "fallback",
    kind: "fallback",
    outcome: "no_eligible_rep",
    reason: "every lead that is left",
    podId: "dach",
    candidates: [{ ...CANDIDATE, eligibility: "absent", reason: "is away" }],
  },
]);

const DRAFT = JSON.stringify({
  email: "person@seed.test",
  phone: null,
  name: null,
  company: null,
  companyDomain: null,
  countryCode: null,
  region: null,
  source: null,
  score: null,
  fields: {},
});

/** `SELECT n, at, id, is_unassigned FROM seeded` of a part's leads. */
function seededFrom(first: number): string {
  return `
    WITH RECURSIVE n(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ${first + PART}),
    timed AS (SELECT n, ${START} + n * ${EVERY_MS} AS at, printf('%012x', ${START} + n * ${EVERY_MS}) AS hex FROM n),
    seeded AS (
      SELECT n, at, n % 50 = 0 AS is_unassigned,
        substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-' || printf('%012x', n) AS id FROM timed)`;
}

function statementsFrom(first: number): readonly string[] {
  const seeded = seededFrom(first);
  const commitNo = (kind: 1 | 2) => `2 * (n / ${BATCH}) + ${kind}`;
  const event = (id: string, kind: string, where: string) => `
    INSERT INTO events ${seeded}
    SELECT 'lead', id, id || '${id}', 1, '${kind}', 'router', at + 1500, ${commitNo(2)},
      json_object('repId', 'rep-2', 'note', 'not mine', 'shouldBe', 'rep-1') FROM seeded WHERE ${where}`;
  return [
    `INSERT INTO leads (id, received_at, email, company_domain, source, country_code, fields) ${seeded}
     SELECT id, at, 'person-' || (n % 5000) || '@seed.test', 'seed.test', iif(n % 1000 = 0, 'rare', 'website'),
       iif(is_unassigned, 'FR', 'DE'), '{}' FROM seeded`,
    `INSERT INTO decisions ${seeded}
     SELECT id, 1, iif(is_unassigned, 'unassigned', 'assigned'), iif(is_unassigned, NULL, 'rep-' || (2 + n % 9)),
       iif(is_unassigned, NULL, date(at / 1000, 'unixepoch')), iif(is_unassigned, NULL, 'dach'), iif(is_unassigned, NULL, n),
       iif(is_unassigned, NULL, 'DACH'), 'a reason', iif(is_unassigned, '${NOBODY}', '${PICKED}'), 'c0ffee', at + 900, at + 1000,
       ${commitNo(1)}, 1, 'router' FROM seeded`,
    event("a", "notified", "true"),
    // All that was disputed was closed since: none of it is open.
    event("b", "disputed", "n % 200 = 1"),
    event("c", "closed", "n % 200 = 1"),
    `INSERT INTO commits ${seeded}
     SELECT ${commitNo(1)}, max(at) + 1000, json_group_array(json_array('decision', id, 1)) FROM seeded GROUP BY n / ${BATCH}`,
    `INSERT INTO commits ${seeded}
     SELECT ${commitNo(2)}, max(at) + 1500, json_group_array(json_array('event', 'lead', id, id || 'a')) FROM seeded GROUP BY n / ${BATCH}`,
  ];
}

const count = (rows: number) =>
  `WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ${rows})`;

/** Reps, accounts, and what waits to be looked at. */
const AROUND: readonly string[] = [
  `INSERT INTO reps (id, name, time_zone, daily_cap) ${count(1_000)} SELECT 'rep-' || n, 'Rep ' || n, 'UTC', iif(n % 2, 100, NULL) FROM n`,
  "INSERT INTO members (pod_id, rep_id, joined_at) SELECT 'dach', id, 0 FROM reps LIMIT 20",
  `INSERT INTO absences (rep_id, id, from_at, until_at) ${count(1_000)} SELECT 'rep-1', 'absence-' || n, n * 1000, n * 1000 + 500 FROM n`,
  `INSERT INTO accounts ${count(20_000)} SELECT 'company-' || n || '.test', n, 'Company ' || n, 'rep-1' FROM n`,
  `INSERT INTO quarantine (id, received_at, door, reason, draft)
   SELECT id, received_at, 'form:contact', 'honeypot:_gotcha', '${DRAFT}' FROM leads ORDER BY id DESC LIMIT 5000`,
  // In line in some pod, each until next year: none of them is stuck.
  `INSERT INTO pending (lead_id, generation, kind, due) SELECT id, 2, 'route', ${Date.UTC(2027, 1)} FROM leads LIMIT 10000`,
  `INSERT INTO deliveries (destination, lead_id, generation, state, since, due)
   SELECT 'crm', lead_id, generation, iif(rowid % 2, 'failed', 'waiting'), 0, 0 FROM (
     SELECT lead_id, generation, row_number() OVER () AS rowid FROM decisions LIMIT 10000)`,
  `INSERT INTO webhook_deliveries (id, received_at, source, reason, digest, bytes, headers, body)
   SELECT id, received_at, 'typeform/contact', 'unreadable', id, 10, '{}', 'e30' FROM (SELECT id, received_at FROM leads ORDER BY id DESC LIMIT 5000)`,
];

/** Puts it all down in an empty database. */
export async function seedMonths(): Promise<void> {
  for (let first = 0; first < LEADS; first += PART)
    for (const statement of statementsFrom(first)) await env.DB.prepare(statement).run();
  for (const statement of AROUND) await env.DB.prepare(statement).run();
}

/** The id of the lead of this number. */
export function seededId(n: number): string {
  const hex = (START + n * EVERY_MS).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
}
