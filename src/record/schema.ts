import {
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { sql } from "drizzle-orm";

// The typed mirror of migrations/*.sql, which are written by hand because Drizzle emits neither STRICT
// nor WITHOUT ROWID nor triggers. test/record/schema.workerd.test.ts compares the two, column by column.
// What each column means is said once, in the migration.

export const leads = sqliteTable(
  "leads",
  {
    id: text("id").primaryKey(),
    receivedAt: integer("received_at").notNull(),
    email: text("email"),
    phone: text("phone"),
    name: text("name"),
    company: text("company"),
    companyDomain: text("company_domain"),
    countryCode: text("country_code"),
    region: text("region"),
    source: text("source"),
    score: real("score"),
    fields: text("fields", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    idempotencyKey: text("idempotency_key"),
    erasedAt: integer("erased_at"),
  },
  (lead) => [
    index("leads_by_email")
      .on(lead.email, lead.id)
      .where(sql`email IS NOT NULL`),
    uniqueIndex("leads_by_idempotency_key")
      .on(lead.idempotencyKey)
      .where(sql`idempotency_key IS NOT NULL`),
  ],
);

export const leadAliases = sqliteTable(
  "lead_aliases",
  {
    id: text("id").primaryKey(),
    leadId: text("lead_id").notNull(),
  },
  (alias) => [index("lead_aliases_by_lead").on(alias.leadId)],
);

export const decisions = sqliteTable(
  "decisions",
  {
    leadId: text("lead_id").notNull(),
    generation: integer("generation").notNull(),
    outcome: text("outcome", { enum: ["assigned", "unassigned"] }).notNull(),
    ownerId: text("owner_id"),
    day: text("day"),
    podId: text("pod_id"),
    claimSeq: integer("claim_seq"),
    rule: text("rule"),
    reason: text("reason").notNull(),
    trail: text("trail", { mode: "json" }).$type<unknown[]>().notNull(),
    chainVersion: text("chain_version").notNull(),
    decidedAt: integer("decided_at").notNull(),
    committedAt: integer("committed_at").notNull(),
    commitNo: integer("commit_no").notNull(),
    attempts: integer("attempts").notNull(),
    decidedBy: text("decided_by").notNull(),
  },
  (decision) => [
    primaryKey({ columns: [decision.leadId, decision.generation] }),
    index("decisions_by_owner")
      .on(decision.ownerId, decision.day, decision.leadId)
      .where(sql`owner_id IS NOT NULL`),
    index("decisions_unassigned")
      .on(decision.leadId)
      .where(sql`outcome = 'unassigned'`),
  ],
);

export const events = sqliteTable(
  "events",
  {
    subjectType: text("subject_type").notNull(),
    subjectId: text("subject_id").notNull(),
    id: text("id").notNull(),
    generation: integer("generation"),
    kind: text("kind").notNull(),
    actor: text("actor").notNull(),
    occurredAt: integer("occurred_at").notNull(),
    commitNo: integer("commit_no").notNull(),
    detail: text("detail", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (event) => [
    primaryKey({ columns: [event.subjectType, event.subjectId, event.id] }),
    index("events_disputed")
      .on(event.commitNo, event.subjectId)
      .where(sql`kind = 'disputed'`),
  ],
);

export const commits = sqliteTable("commits", {
  no: integer("no").primaryKey(),
  at: integer("at").notNull(),
  keys: text("keys", { mode: "json" }).$type<unknown[][]>().notNull(),
});

export const pending = sqliteTable(
  "pending",
  {
    leadId: text("lead_id").notNull(),
    generation: integer("generation").notNull(),
    kind: text("kind", { enum: ["route", "notify", "release", "debit"] }).notNull(),
    due: integer("due").notNull(),
    tries: integer("tries").notNull().default(0),
    args: text("args", { mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
  },
  (row) => [
    primaryKey({ columns: [row.leadId, row.generation, row.kind] }),
    index("pending_by_due").on(row.due),
    index("pending_routes_in_vain")
      .on(row.leadId)
      .where(sql`kind = 'route' AND tries >= 2`),
    index("pending_routes_by_due")
      .on(row.due)
      .where(sql`kind = 'route'`),
  ],
);

export const marks = sqliteTable("marks", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

export const rollups = sqliteTable("rollups", {
  bucket: integer("bucket").primaryKey(),
  data: text("data", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
});

type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export const reps = sqliteTable("reps", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  email: text("email"),
  slackUserId: text("slack_user_id"),
  timeZone: text("time_zone").notNull(),
  workingHours: text("working_hours", { mode: "json" }).$type<
    Readonly<Partial<Record<Weekday, readonly (readonly [start: string, end: string])[]>>>
  >(),
  dailyCap: integer("daily_cap"),
  active: integer("active", { mode: "boolean" }).notNull().default(true),
  rev: integer("rev").notNull().default(1),
});

export const members = sqliteTable(
  "members",
  {
    podId: text("pod_id").notNull(),
    repId: text("rep_id")
      .notNull()
      .references(() => reps.id),
    weight: integer("weight").notNull().default(1),
    dailyCap: integer("daily_cap"),
    openCap: integer("open_cap"),
    joinedAt: integer("joined_at").notNull(),
  },
  (member) => [
    primaryKey({ columns: [member.podId, member.repId] }),
    index("members_by_rep").on(member.repId),
  ],
);

export const absences = sqliteTable(
  "absences",
  {
    repId: text("rep_id")
      .notNull()
      .references(() => reps.id),
    id: text("id").notNull(),
    from: integer("from_at").notNull(),
    until: integer("until_at").notNull(),
    note: text("note"),
  },
  (absence) => [primaryKey({ columns: [absence.repId, absence.id] })],
);

export const accounts = sqliteTable("accounts", {
  domain: text("domain").primaryKey(),
  accountId: text("account_id").notNull(),
  name: text("name").notNull(),
  ownerId: text("owner_id").notNull(),
});

export const podVersions = sqliteTable("pod_versions", {
  podId: text("pod_id").primaryKey(),
  version: integer("version").notNull(),
});

export const stagedRows = sqliteTable(
  "staged_rows",
  {
    attemptId: text("attempt_id").notNull(),
    place: integer("place").notNull(),
    value: text("value", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (row) => [primaryKey({ columns: [row.attemptId, row.place] })],
);

export const quarantine = sqliteTable(
  "quarantine",
  {
    id: text("id").primaryKey(),
    receivedAt: integer("received_at").notNull(),
    door: text("door").notNull(),
    reason: text("reason").notNull(),
    idempotencyKey: text("idempotency_key"),
    outcome: text("outcome", { enum: ["released", "discarded"] }),
    outcomeAt: integer("outcome_at"),
    outcomeBy: text("outcome_by"),
    eventId: text("event_id"),
    draft: text("draft", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (row) => [
    uniqueIndex("quarantine_by_idempotency_key")
      .on(row.idempotencyKey)
      .where(sql`idempotency_key IS NOT NULL`),
  ],
);

export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    id: text("id").primaryKey(),
    receivedAt: integer("received_at").notNull(),
    source: text("source").notNull(),
    reason: text("reason", {
      enum: [
        "bad_signature",
        "not_configured",
        "retired_key",
        "unreadable",
        "no_contact",
        "too_large",
      ],
    }).notNull(),
    digest: text("digest").notNull(),
    bytes: integer("bytes").notNull(),
    headers: text("headers", { mode: "json" }).$type<Record<string, string>>().notNull(),
    pathSecret: text("path_secret"),
    body: text("body").notNull(),
  },
  (delivery) => [
    uniqueIndex("webhook_deliveries_by_digest").on(delivery.digest),
    index("webhook_deliveries_by_reason").on(delivery.reason, delivery.id),
  ],
);

export const webhookAlarms = sqliteTable(
  "webhook_alarms",
  {
    source: text("source").notNull(),
    reason: text("reason").notNull(),
    raisedAt: integer("raised_at").notNull(),
    toldAt: integer("told_at"),
    standing: integer("standing", { mode: "boolean" }).notNull(),
  },
  (alarm) => [primaryKey({ columns: [alarm.source, alarm.reason] })],
);

export const deliveries = sqliteTable(
  "deliveries",
  {
    destination: text("destination").notNull(),
    leadId: text("lead_id").notNull(),
    generation: integer("generation").notNull(),
    state: text("state", { enum: ["waiting", "failed"] }).notNull(),
    since: integer("since").notNull(),
    due: integer("due").notNull(),
    tries: integer("tries").notNull().default(0),
    cause: text("cause"),
  },
  (row) => [
    primaryKey({ columns: [row.destination, row.leadId, row.generation] }),
    index("deliveries_by_due").on(row.destination, row.state, row.due),
    index("deliveries_by_state").on(row.state, row.destination, row.leadId, row.generation),
  ],
);

export const destinationTroubles = sqliteTable(
  "destination_troubles",
  {
    destination: text("destination").notNull(),
    kind: text("kind", { enum: ["away", "unusable", "gone", "refused"] }).notNull(),
    cause: text("cause").notNull(),
    since: integer("since").notNull(),
    until: integer("until"),
    failures: integer("failures").notNull(),
    toldAt: integer("told_at"),
  },
  (trouble) => [primaryKey({ columns: [trouble.destination, trouble.kind] })],
);

export const digestPages = sqliteTable("digest_pages", {
  lastNo: integer("last_no").primaryKey(),
  firstNo: integer("first_no").notNull(),
  rows: integer("rows").notNull(),
  digest: text("digest").notNull(),
});

export const digests = sqliteTable("digests", {
  day: text("day").primaryKey(),
  firstNo: integer("first_no").notNull(),
  lastNo: integer("last_no").notNull(),
  rows: integer("rows").notNull(),
  digest: text("digest").notNull(),
  previous: text("previous").notNull(),
  at: integer("at").notNull(),
});

export const archives = sqliteTable(
  "archives",
  {
    key: text("key").primaryKey(),
    kind: text("kind", { enum: ["leads", "audit"] }).notNull(),
    day: text("day").notNull(),
    part: integer("part").notNull(),
    state: text("state", { enum: ["writing", "removing", "kept", "discarded"] }).notNull(),
    firstLead: text("first_lead"),
    lastLead: text("last_lead"),
    firstNo: integer("first_no"),
    lastNo: integer("last_no"),
    rows: integer("rows").notNull(),
    erased: integer("erased").notNull(),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
    objectBytes: integer("object_bytes").notNull(),
    objectSha256: text("object_sha256").notNull(),
    counts: text("counts", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    writtenAt: integer("written_at").notNull(),
    removedAt: integer("removed_at"),
    replaces: text("replaces"),
    listed: integer("listed", { mode: "boolean" }).notNull().default(false),
  },
  (part) => [
    uniqueIndex("archives_by_day")
      .on(part.kind, part.day, part.part)
      .where(sql`state IN ('removing', 'kept')`),
    index("archives_unfinished")
      .on(part.state)
      .where(sql`state IN ('writing', 'removing', 'discarded')`),
    index("archives_unlisted")
      .on(part.kind, part.day)
      .where(sql`listed = 0`),
  ],
);

export const alerts = sqliteTable("alerts", {
  name: text("name").primaryKey(),
  raisedAt: integer("raised_at"),
  calmSince: integer("calm_since"),
  news: text("news", { enum: ["raised", "standing", "worse", "over"] }),
  toldAt: integer("told_at"),
  toldValue: real("told_value"),
});

export const deadLetters = sqliteTable(
  "dead_letters",
  {
    leadId: text("lead_id").notNull(),
    generation: integer("generation").notNull(),
    kind: text("kind", { enum: ["route", "notify"] }).notNull(),
    at: integer("at").notNull(),
  },
  (letter) => [
    primaryKey({ columns: [letter.leadId, letter.generation, letter.kind] }),
    index("dead_letters_by_at").on(letter.at),
  ],
);
