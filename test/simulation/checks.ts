import { readStored } from "../../src/record/tally.ts";
import type { ClaimAnswer, ClaimRequest } from "../../src/ports/pod.ts";
import type { Process } from "./network.ts";
import type { Promises } from "./plan.ts";
import type { World } from "./world.ts";

interface DecisionRow {
  leadId: string;
  generation: number;
  ownerId: string | null;
  day: string | null;
  podId: string | null;
  seq: number | null;
  commitNo: number;
  decidedAt: number;
  trail: string;
}

const DECISIONS = `SELECT lead_id AS leadId, generation, owner_id AS ownerId, day, pod_id AS podId, claim_seq AS seq,
  commit_no AS commitNo, decided_at AS decidedAt, trail FROM decisions`;

/** Decisions whose open slot counts: the newest of their lead, which is neither closed nor erased. */
const OPEN = `SELECT d.pod_id AS podId, d.owner_id AS ownerId, count(*) AS n FROM decisions d
  WHERE d.pod_id IS NOT NULL
    AND d.generation = (SELECT max(generation) FROM decisions x WHERE x.lead_id = d.lead_id)
    AND NOT EXISTS (SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = d.lead_id
      AND (e.kind = 'erased' OR (e.kind = 'closed' AND e.generation = d.generation)))
  GROUP BY d.pod_id, d.owner_id`;

/** In the calm the rollup runs every five minutes. */
const ROLLED_UP_WITHIN_MS = 11 * 60_000;

const DAILY_CAPS: Readonly<Record<string, number>> = { dach: 4, everyone: 6 };
const OPEN_CAPS: Readonly<Record<string, number>> = { sdr: 3 };

/** Holds what happens against the promises: some after every effect, the rest when all is quiet. */
export class Checks {
  readonly #world: World;
  readonly #first = new Map<string, string>();
  #seenCommit = 0;
  #untold = 0;
  readonly #removed = new Map<string, Map<string, number>>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * D1 went back: what it has forgotten was never decided, and a removal it has forgotten never took place.
   * @param untold announcements it has forgotten
   */
  wentBack(untold: number): void {
    const { d1 } = this.#world;
    const decisions = d1.read<DecisionRow>(DECISIONS);
    this.#first.clear();
    for (const row of decisions)
      this.#first.set(`${row.leadId}/${row.generation}`, JSON.stringify(row));
    this.#seenCommit = Math.max(0, ...decisions.map(({ commitNo }) => commitNo));
    this.#removed.clear();
    this.#untold += untold;
  }

  /** A removal from a pod was acknowledged to the operator: claims numbered above its last one are drawn later. */
  removed(podId: string, repId: string): void {
    const lastSeq = this.#world.pod(podId).storage.readState()?.lastSeq ?? 0;
    const removed = this.#removed.get(podId) ?? new Map<string, number>();
    this.#removed.set(podId, removed.set(repId, lastSeq));
    this.#world.note(`${repId} is out of ${podId}, as of claim ${lastSeq}`);
  }

  /** Somebody began to put the rep back. */
  added(podId: string, repId: string): void {
    this.#removed.get(podId)?.delete(repId);
    this.#world.note(`somebody puts ${repId} into ${podId}`);
  }

  deactivated(repId: string): void {
    for (const podId of this.#world.pods.keys()) this.removed(podId, repId);
  }

  /** Nobody is drawn after their removal was acknowledged. */
  watchDraw(podId: string, _request: ClaimRequest, answer: ClaimAnswer): void {
    if (answer.outcome !== "drawn") return;
    for (const result of answer.results) {
      if (result.outcome !== "claimed") continue;
      const removedAfter = this.#removed.get(podId)?.get(result.repId) ?? Infinity;
      if (result.seq > removedAfter)
        this.#world.violate(`${podId} drew ${result.repId} after their removal was acknowledged`);
    }
  }

  /** An addition whose answer was lost may land after a removal that was acknowledged: then the rep is rightly back. */
  #forgetReturned(): void {
    if (this.#removed.size === 0) return;
    const members = this.#world.d1.read<{ podId: string; repId: string }>(
      "SELECT pod_id AS podId, rep_id AS repId FROM members",
    );
    for (const { podId, repId } of members) this.#removed.get(podId)?.delete(repId);
  }

  /** Nobody is told again by a process that could have seen that they were told. */
  watchPost(number: number, process: Process): void {
    const [told] = this.#world.d1.read<{ commitNo: number }>(
      `SELECT min(e.commit_no) AS commitNo FROM leads l JOIN events e ON e.subject_type = 'lead' AND e.subject_id = l.id
       WHERE l.email = ? AND e.kind = 'notified'
         AND e.generation = (SELECT max(generation) FROM decisions d WHERE d.lead_id = l.id)`,
      `lead${number}@example.test`,
    );
    if (process.era !== this.#world.era) return;
    if (told?.commitNo != null && told.commitNo <= process.startCommit)
      this.#world.violate(
        `lead ${number} was announced again although its announcement was recorded`,
      );
  }

  /** Caps and owners, at the very commit. */
  afterEffect(): void {
    const { d1 } = this.#world;
    this.#forgetReturned();
    const fresh = d1.read<DecisionRow>(`${DECISIONS} WHERE commit_no > ?`, this.#seenCommit);
    for (const row of fresh) {
      this.#seenCommit = Math.max(this.#seenCommit, row.commitNo);
      this.#first.set(`${row.leadId}/${row.generation}`, JSON.stringify(row));
      this.#checkDecision(row);
    }
    if (fresh.length > 0) this.#checkOpenCaps();
  }

  #checkDecision(row: DecisionRow): void {
    if (row.ownerId === null || row.day === null) return;
    const { d1 } = this.#world;
    const kind = (JSON.parse(row.trail) as { kind: string }[]).at(-1)?.kind;
    if (kind === "manual") return;
    const [person] = d1.read<{ active: number; cap: number | null; today: number; away: number }>(
      `SELECT active, daily_cap AS cap,
         (SELECT count(*) FROM decisions d WHERE d.owner_id = r.id AND d.day = ?2) AS today,
         EXISTS (SELECT 1 FROM absences a WHERE a.rep_id = r.id AND a.from_at <= ?3 AND a.until_at > ?3) AS away
       FROM reps r WHERE r.id = ?1`,
      row.ownerId,
      row.day,
      row.decidedAt,
    );
    const name = `${row.leadId}/${row.generation} for ${row.ownerId}`;
    if (!person) return this.#world.violate(`${name}: no such rep`);
    if (person.cap !== null && person.today > person.cap)
      this.#world.violate(`${name}: ${person.today} on ${row.day}, own cap ${person.cap}`);
    if (kind === "matched_account" && (!person.active || person.away))
      this.#world.violate(
        `${name}: account owner who was ${person.active ? "away" : "deactivated"}`,
      );
  }

  #checkOpenCaps(): void {
    for (const { podId, ownerId, n } of this.#world.d1.read<{
      podId: string;
      ownerId: string;
      n: number;
    }>(OPEN)) {
      const cap = OPEN_CAPS[podId];
      if (cap !== undefined && n > cap)
        this.#world.violate(`${ownerId} has ${n} open leads in ${podId}, cap ${cap}`);
    }
  }

  /** Everything that must hold once the system is quiet. */
  atRest(promises: Promises): void {
    this.#checkNothingLost(promises);
    this.#checkNothingDoubled();
    this.#checkNotifications();
    this.#checkPods();
    this.#checkCommits();
    this.#checkRollup();
  }

  /** The rollups keep up, and say of the commits they count what the decisions and events say. */
  #checkRollup(): void {
    const { d1, scheduler } = this.#world;
    const [mark] = d1.read<{ no: number; left: number }>(
      `SELECT CAST(m.value AS INTEGER) AS no, (
         SELECT count(*) FROM commits c WHERE c.no > CAST(m.value AS INTEGER) AND c.at < ?) AS left
       FROM marks m WHERE m.name = 'rollup'`,
      scheduler.now - ROLLED_UP_WITHIN_MS,
    );
    if (!mark || mark.left > 0)
      this.#world.violate(`the rollup lags behind: ${mark?.left} old commits are not counted`);
    const counted: Record<string, number> = {};
    const add = (key: string, n: number) => (counted[key] = (counted[key] ?? 0) + n);
    for (const { data } of d1.read<{ data: string }>("SELECT data FROM rollups")) {
      const { counts, rules, times } = readStored(data);
      for (const [owner, pod, , , first, later] of counts)
        add(`decisions of ${pod ?? "no pod"} for ${owner ?? "nobody"}`, first + later);
      for (const [rule, took, noMatch, nobody] of rules)
        add(`tries of ${rule}`, took + noMatch + nobody);
      for (const [measure, , histogram] of times)
        if (measure === "decidedToNotified") for (const [, n] of histogram) add("told", n);
    }
    const standing = d1.read<{ what: string; n: number }>(
      `SELECT 'decisions of ' || coalesce(pod_id, 'no pod') || ' for ' || coalesce(owner_id, 'nobody') AS what, count(*) AS n
       FROM decisions WHERE commit_no <= ?1 GROUP BY 1
       UNION ALL SELECT 'tries of ' || (s.value ->> 'rule'), count(*) FROM decisions, json_each(trail) s
       WHERE commit_no <= ?1 AND s.value ->> 'kind' <> 'manual' GROUP BY 1
       UNION ALL SELECT 'told', count(DISTINCT subject_id || '/' || generation) FROM events
       WHERE kind = 'notified' AND commit_no <= ?1`,
      mark?.no ?? 0,
    );
    this.#compare("rollup", counted, Object.fromEntries(standing.map(({ what, n }) => [what, n])));
  }

  #checkNothingLost({ accepted, rerouted }: Promises): void {
    const { d1 } = this.#world;
    const leadOfKey = new Map<string, string>();
    for (const { leadId, number, key } of accepted) {
      const [lead] = d1.read<{ id: string }>(
        `SELECT id FROM leads WHERE id = coalesce((SELECT lead_id FROM lead_aliases WHERE id = ?1), ?1)`,
        leadId,
      );
      if (!lead) {
        this.#world.violate(`lead ${number} was accepted as ${leadId} and is nowhere`);
        continue;
      }
      if (key !== null && (leadOfKey.get(key) ?? lead.id) !== lead.id)
        this.#world.violate(`key ${key} names two leads`);
      if (key !== null) leadOfKey.set(key, lead.id);
    }
    for (const row of d1.read<{ id: string; newest: number | null; n: number }>(
      `SELECT l.id, max(d.generation) AS newest, count(d.generation) AS n FROM leads l
       LEFT JOIN decisions d ON d.lead_id = l.id GROUP BY l.id`,
    )) {
      if (row.newest === null) this.#world.violate(`${row.id} has no decision`);
      else if (row.newest !== row.n)
        this.#world.violate(`${row.id} has ${row.n} decisions up to ${row.newest}`);
    }
    for (const { leadId, generation } of rerouted) {
      const decided = d1.read(
        "SELECT 1 FROM decisions WHERE lead_id = ? AND generation = ?",
        leadId,
        generation,
      );
      if (decided.length === 0)
        this.#world.violate(`the re-route ${leadId}/${generation} was taken and not decided`);
    }
  }

  #checkNothingDoubled(): void {
    for (const row of this.#world.d1.read<DecisionRow>(DECISIONS)) {
      const key = `${row.leadId}/${row.generation}`;
      if (this.#first.get(key) !== JSON.stringify(row))
        this.#world.violate(`${key} is not what was decided first`);
    }
  }

  #checkNotifications(): void {
    const { d1, slack, network } = this.#world;
    for (const row of d1.read<{ leadId: string; generation: number; ends: number }>(
      `SELECT d.lead_id AS leadId, d.generation, (SELECT count(*) FROM events e WHERE e.subject_type = 'lead'
         AND e.subject_id = d.lead_id AND e.generation = d.generation AND e.kind LIKE 'notif%') AS ends
       FROM decisions d`,
    )) {
      if (row.ends === 0) this.#world.violate(`nobody heard of ${row.leadId}/${row.generation}`);
    }
    const [notified] = d1.read<{ n: number }>(
      "SELECT count(*) AS n FROM events WHERE kind = 'notified'",
    );
    const told = [...slack.told.values()].reduce((sum, n) => sum + n, 0);
    const [distinct] = d1.read<{ n: number }>(
      "SELECT count(DISTINCT subject_id || generation) AS n FROM events WHERE kind = 'notified'",
    );
    const faults = [...network.faults.values()].reduce((sum, n) => sum + n, 0);
    if (told < (distinct?.n ?? 0))
      this.#world.violate(`${told} announcements for ${distinct?.n} notified decisions`);
    // Each fault may double one message, and a message carries at most 8 leads.
    if (told - (distinct?.n ?? 0) > 8 * (faults + 8) + this.#untold)
      this.#world.violate(`${told} announcements, ${notified?.n} recorded, for ${faults} faults`);
  }

  #checkPods(): void {
    const { d1, pods } = this.#world;
    const byDay = d1.read<{ podId: string; ownerId: string; day: string; n: number }>(
      `SELECT pod_id AS podId, owner_id AS ownerId, day, count(*) AS n FROM decisions WHERE pod_id IS NOT NULL
       GROUP BY pod_id, owner_id, day`,
    );
    const open = d1.read<{ podId: string; ownerId: string; n: number }>(OPEN);
    for (const [podId, pod] of pods) {
      const state = pod.storage.readState();
      if (!state) continue;
      const cap = DAILY_CAPS[podId] ?? Infinity;
      const decided: Record<string, number> = {};
      for (const row of byDay) {
        if (row.podId !== podId) continue;
        decided[`${row.ownerId} on ${row.day}`] = row.n;
        if (row.n > cap)
          this.#world.violate(`${row.ownerId} has ${row.n} in ${podId} on ${row.day}, cap ${cap}`);
      }
      const counted: Record<string, number> = {};
      for (const [repId, days] of Object.entries(state.days))
        for (const [day, n] of Object.entries(days)) counted[`${repId} on ${day}`] = n;
      this.#compare(`${podId} days`, counted, decided);
      const openHere = Object.fromEntries(
        open.filter((row) => row.podId === podId).map((row) => [row.ownerId, row.n]),
      );
      this.#compare(`${podId} open`, state.open, openHere);
      const sum = Object.values(state.ledger).reduce((total, line) => total + line.balance, 0);
      if (sum !== 0) this.#world.violate(`the ledger of ${podId} sums to ${sum}`);
      const claimed = byDay.reduce((n, row) => n + (row.podId === podId ? row.n : 0), 0);
      if (state.standing !== claimed)
        this.#world.violate(
          `${podId} counts ${state.standing} claims, ${claimed} decisions name it`,
        );
      const [debits] = d1.read<{ n: number }>(
        `SELECT count(DISTINCT subject_id || '/' || generation) AS n FROM events
         WHERE kind = 'ledger_debited' AND detail ->> 'podId' = ?`,
        podId,
      );
      if (pod.storage.debits.size < (debits?.n ?? 0))
        this.#world.violate(
          `${podId} entered ${pod.storage.debits.size} debits, ${debits?.n} are recorded`,
        );
      if (state.waiting.length > 0)
        this.#world.violate(`${podId} still keeps ${state.waiting.length} leads in line`);
      const { held } = pod.core().snapshot();
      if (held > 0) this.#world.violate(`${podId} still holds ${held} claims`);
    }
  }

  #compare(
    what: string,
    counted: Readonly<Record<string, number>>,
    decided: Readonly<Record<string, number>>,
  ): void {
    for (const key of new Set([...Object.keys(counted), ...Object.keys(decided)])) {
      if ((counted[key] ?? 0) !== (decided[key] ?? 0))
        this.#world.violate(
          `${what}: ${key} counted ${counted[key] ?? 0}, decided ${decided[key] ?? 0}`,
        );
    }
  }

  #checkCommits(): void {
    const { d1 } = this.#world;
    const named = d1
      .read<{ key: string }>("SELECT k.value AS key FROM commits c, json_each(c.keys) k")
      .map(({ key }) => key);
    const rows = d1
      .read<{ key: string }>(
        `SELECT json_array('decision', lead_id, generation) AS key FROM decisions
         UNION ALL SELECT json_array('event', subject_type, subject_id, id) FROM events`,
      )
      .map(({ key }) => key);
    const names = new Set(named);
    if (names.size !== named.length) this.#world.violate("a commit names a row twice");
    for (const key of rows) if (!names.has(key)) this.#world.violate(`no commit names ${key}`);
    if (rows.length !== named.length)
      this.#world.violate(`${named.length} rows named, ${rows.length} stand`);
  }
}
