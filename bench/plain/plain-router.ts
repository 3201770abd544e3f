/** What the plain router touches outside itself. */
export interface PlainDeps {
  readonly db: D1Database;
  /** The Durable Object of a pod: `pick` of PlainPod. */
  readonly pod: (podId: string) => {
    pick(leadId: string, now: number): Promise<string | null>;
  };
  /** Who gets what no rule takes. */
  readonly fallbackPod: string;
  readonly sendLead: (leadId: string) => Promise<void>;
  readonly sendNotification: (leadId: string) => Promise<void>;
  readonly post: (text: string) => Promise<void>;
  readonly newId: () => string;
  readonly now: () => number;
}

/** A lead as the plain router takes it: normalised already. */
export interface PlainLead {
  readonly email: string;
  readonly phone: string;
  readonly name: string;
  readonly company: string;
  readonly companyDomain: string;
  readonly countryCode: string;
  readonly source: string;
  readonly score: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

type LeadRow = {
  company_domain: string;
  country_code: string;
  source: string;
  score: number;
  fields: string;
};

/** Stores a lead and queues it. */
export async function takeLead(deps: PlainDeps, lead: PlainLead): Promise<string> {
  const id = deps.newId();
  await deps.db
    .prepare(
      `INSERT INTO leads (id, created_at, email, phone, name, company, company_domain, country_code, source, score, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      id,
      deps.now(),
      lead.email,
      lead.phone,
      lead.name,
      lead.company,
      lead.companyDomain,
      lead.countryCode,
      lead.source,
      lead.score,
      JSON.stringify(lead.fields),
    )
    .run();
  await deps.sendLead(id);
  return id;
}

/** Decides about one lead, writes down who has it and why, and queues the notification. Delivered twice, it decides once. */
export async function routeLead(deps: PlainDeps, leadId: string): Promise<void> {
  const lead = await deps.db
    .prepare(
      `SELECT company_domain, country_code, source, score, fields FROM leads WHERE id = ? AND status = 'received'`,
    )
    .bind(leadId)
    .first<LeadRow>();
  if (lead === null) return;
  const { rule, podId, repId } = await findRep(deps, leadId, lead);
  const now = deps.now();
  const status = repId === null ? "unassigned" : "assigned";
  await deps.db
    .prepare(
      `INSERT OR IGNORE INTO assignments (id, lead_id, rep_id, pod_id, rule, reason, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(deps.newId(), leadId, repId, podId, rule, `matched ${rule}`, now)
    .run();
  await deps.db.prepare(`UPDATE leads SET status = ? WHERE id = ?`).bind(status, leadId).run();
  await deps.db
    .prepare(
      `INSERT INTO audit_log (id, lead_id, event, detail, created_at) VALUES (?, ?, ?, ?, ?)`,
    )
    .bind(deps.newId(), leadId, status, JSON.stringify({ rule, podId, repId }), now)
    .run();
  await deps.sendNotification(leadId);
}

/** Tells whoever has the lead. */
export async function notifyRep(deps: PlainDeps, leadId: string): Promise<void> {
  const found = await deps.db
    .prepare(
      `SELECT l.name, l.company, a.rep_id FROM assignments a JOIN leads l ON l.id = a.lead_id
       WHERE a.lead_id = ? AND a.notified_at IS NULL`,
    )
    .bind(leadId)
    .first<{ name: string; company: string; rep_id: string | null }>();
  if (found === null) return;
  await deps.post(`${found.name} of ${found.company}: ${found.rep_id ?? "nobody"}`);
  await deps.db
    .prepare(`UPDATE assignments SET notified_at = ? WHERE lead_id = ?`)
    .bind(deps.now(), leadId)
    .run();
}

interface Found {
  readonly rule: string;
  readonly podId: string | null;
  readonly repId: string | null;
}

/** The rules of cost-chain.ts, as code. */
async function findRep(deps: PlainDeps, leadId: string, lead: LeadRow): Promise<Found> {
  const account = await deps.db
    .prepare(`SELECT owner_id FROM accounts WHERE domain = ?`)
    .bind(lead.company_domain)
    .first<{ owner_id: string }>();
  if (account !== null) return { rule: "matched account", podId: null, repId: account.owner_id };
  const [rule, podId] = ruleFor(deps, lead);
  return { rule, podId, repId: await deps.pod(podId).pick(leadId, deps.now()) };
}

function ruleFor(
  { fallbackPod }: PlainDeps,
  { country_code: country, score, source, fields }: LeadRow,
): [string, string] {
  if (["DE", "AT", "CH"].includes(country)) return ["DACH", "bench-dach"];
  if (score >= 80) return ["hot", "bench-enterprise"];
  if (score >= 40) return ["warm", "bench-sdr"];
  if (source === "referral" && Number(JSON.parse(fields).company_size) <= 50)
    return ["small teams", "bench-sdr"];
  return ["fallback", fallbackPod];
}
