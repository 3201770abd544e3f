// A history of leads, a minute apart, with all that belongs to each: as SQL, which puts down 10,000 leads a second.

/** A whole day without leads before now: what a rep got today is then the bench's own leads at any size. */
const DAY_MS = 24 * 60 * 60_000;
const EVERY_MS = 60_000;
/** Leads are decided so many to a commit, and what is told of them is the next. */
const BATCH = 50;
/** Rows put down by one statement: each has a limit of time. */
const PART = 20_000;
const ACCOUNTS_PART = 100_000;

const CANDIDATES = Array.from({ length: 3 }, (_, n) => ({
  repId: `rep-${n}`,
  eligibility: "eligible",
  reason: "has 2 leads today",
  until: null,
  count: 2,
  cap: null,
  weight: 1,
  balance: 250_000_000,
  balanceAfter: 0,
}));
const NO_ACCOUNT = {
  rule: "matched account",
  kind: "matched_account",
  outcome: "no_match",
  reason: "no account",
};
const ASSIGNED = JSON.stringify([
  NO_ACCOUNT,
  {
    rule: "DACH",
    kind: "territory",
    outcome: "matched",
    reason: "the country is DE",
    podId: "dach",
    candidates: CANDIDATES,
    picked: "rep-0",
    runnerUp: "rep-1",
  },
]);
const UNASSIGNED = JSON.stringify([
  NO_ACCOUNT,
  {
    rule: "DACH",
    kind: "territory",
    outcome: "no_match",
    reason: "the country is FR, not DE, AT or CH",
  },
  {
    rule: "fallback",
    kind: "fallback",
    outcome: "no_eligible_rep",
    reason: "it takes every lead, but nobody in everyone was eligible (1 away)",
    podId: "everyone",
    candidates: [{ ...CANDIDATES[0], eligibility: "absent", reason: "is away" }],
  },
]);

/** The newest so many days are counted by the real rollup: the metrics look at 30 at most unless they are told to. */
const ROLLED_DAYS = 31;

/** A history as SQL. */
export interface History {
  /** Puts the leads down, with all that belongs to them. */
  readonly leads: readonly string[];
  /** The last commit that the rollup need not count. */
  readonly rolledUpTo: number;
  /** Closes the days of the audit but the last two, which the cron is to close. */
  readonly digests: readonly string[];
  /** Copies what the rollup counted back over the days before, as far as the history goes. */
  readonly olderRollups: string;
  /** UUIDv7 of the newest lead but so many. */
  idOf(before: number): string;
}

/** So many leads, the newest a day before `now`, in milliseconds since the epoch. */
export function makeHistory(leads: number, now: number): History {
  const start = now - DAY_MS - leads * EVERY_MS;
  const statements: string[] = [];
  for (let first = 0; first < leads; first += PART)
    statements.push(...insertLeads(start, leads, first, Math.min(first + PART, leads)));
  const rolled = (ROLLED_DAYS * DAY_MS) / EVERY_MS;
  return {
    leads: statements,
    rolledUpTo: 2 * Math.floor(Math.max(0, leads - rolled) / BATCH),
    digests: closeDaysBefore(now - 2 * DAY_MS - (now % DAY_MS)),
    olderRollups: `
      WITH RECURSIVE spans(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM spans WHERE n < ${leads / rolled})
      INSERT INTO rollups SELECT bucket - n * ${ROLLED_DAYS * DAY_MS}, data FROM spans CROSS JOIN (SELECT * FROM rollups)
      WHERE bucket - n * ${ROLLED_DAYS * DAY_MS} >= ${start} ON CONFLICT DO NOTHING`,
    idOf(before) {
      const n = leads - 1 - before;
      const hex = (start + n * EVERY_MS).toString(16).padStart(12, "0");
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
    },
  };
}

function insertLeads(start: number, leads: number, first: number, end: number): readonly string[] {
  const seeded = `
    WITH RECURSIVE n(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ${end}),
    timed AS (SELECT n, ${start} + n * ${EVERY_MS} AS at, printf('%012x', ${start} + n * ${EVERY_MS}) AS hex FROM n),
    seeded AS (
      SELECT n, at, n % 50 = 0 AS is_unassigned, iif(n % 10 = 9, 'owner', 'rep-' || (n % 10)) AS owner,
        substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-' || printf('%012x', n) AS id FROM timed)`;
  const commitNo = (kind: 1 | 2) => `2 * (n / ${BATCH}) + ${kind}`;
  const event = (mark: string, kind: string, where: string, detail: string) => `
    INSERT INTO events ${seeded}
    SELECT 'lead', id, id || '${mark}', 1, '${kind}', 'router', at + 1500, ${commitNo(2)}, ${detail} FROM seeded WHERE ${where}`;
  return [
    // Everybody sends 200 leads, the newest person the newest: as much is found of them whatever lies behind.
    `INSERT INTO leads (id, received_at, email, company_domain, source, country_code, fields) ${seeded}
     SELECT id, at, 'person-' || ((${leads} - 1 - n) / 200) || '@seed.test', 'seed.test',
       iif(n % 1000 = 0, 'rare', 'website'), iif(is_unassigned, 'FR', 'DE'), '{"message":"We would like to hear more."}' FROM seeded`,
    `INSERT INTO decisions ${seeded}
     SELECT id, 1, iif(is_unassigned, 'unassigned', 'assigned'), iif(is_unassigned, NULL, owner),
       iif(is_unassigned, NULL, date(at / 1000, 'unixepoch')), iif(is_unassigned, NULL, 'dach'), iif(is_unassigned, NULL, n),
       iif(is_unassigned, NULL, 'DACH'), 'a reason', iif(is_unassigned, '${UNASSIGNED}', '${ASSIGNED}'), 'c0ffee', at + 900,
       at + 1000, ${commitNo(1)}, 1, 'router' FROM seeded`,
    event("a", "notified", "true", "json_object('channel', 'SLACK_WEBHOOK_URL')"),
    // All that was disputed was closed since.
    event("b", "disputed", "n % 200 = 1", "json_object('note', 'not mine', 'shouldBe', 'rep-1')"),
    event("c", "closed", "n % 200 = 1", "json_object('reason', 'done')"),
    `INSERT INTO commits ${seeded}
     SELECT ${commitNo(1)}, max(at) + 1000, json_group_array(json_array('decision', id, 1)) FROM seeded GROUP BY n / ${BATCH}`,
    `INSERT INTO commits ${seeded}
     SELECT ${commitNo(2)}, max(at) + 1500, json_group_array(json_array('event', 'lead', id, id || 'a')) FROM seeded GROUP BY n / ${BATCH}`,
  ];
}

function closeDaysBefore(end: number): readonly string[] {
  const digest = "printf('%064x', max(no))";
  return [
    `INSERT INTO digests
     SELECT date(at / 1000, 'unixepoch'), min(no), max(no), count(*) * ${BATCH}, ${digest}, ${digest}, max(at)
     FROM commits WHERE at < ${end} GROUP BY 1`,
    `INSERT INTO digest_pages
     SELECT max(no), min(no), count(*) * ${BATCH}, ${digest} FROM commits WHERE at < ${end} HAVING count(*) > 0`,
  ];
}

/** So many accounts, none of them a measured lead's. */
export function makeAccounts(count: number): readonly string[] {
  const statements: string[] = [];
  for (let first = 0; first < count; first += ACCOUNTS_PART)
    statements.push(`
      WITH RECURSIVE n(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ${Math.min(first + ACCOUNTS_PART, count)})
      INSERT INTO accounts SELECT 'company-' || n || '.test', n, 'Company ' || n, 'rep-1' FROM n`);
  return statements;
}

/** Reps, the members of two pods, and the account whose leads are measured: its owner has a cap over everything. */
export const TEAM: readonly string[] = [
  `WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 49)
   INSERT INTO reps (id, name, time_zone) SELECT 'rep-' || n, 'Rep ' || n, 'UTC' FROM n`,
  `INSERT INTO members (pod_id, rep_id, joined_at)
   SELECT iif(rowid <= 10, 'dach', 'everyone'), id, rowid FROM (SELECT id, row_number() OVER () AS rowid FROM reps LIMIT 20)`,
  "INSERT INTO reps (id, name, time_zone, daily_cap) VALUES ('owner', 'Owner', 'UTC', 1000)",
  "INSERT INTO accounts VALUES ('customer.example', 'c-1', 'Customer', 'owner')",
];
