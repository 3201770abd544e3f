import type { Figure, Table } from "../bench.ts";
import type { Usage } from "../meters/usage.ts";
import { KINDS, type Costs, type Kind } from "./commands.ts";
import type { Size } from "./sizes.ts";

/** Flat is what differs by no more than that from the smallest size to the largest. */
const FLAT = 1.05;
/** An idle cron looks up where it stands, which takes a row or so more each time the history doubles. A month of runs a minute is 4 million rows: less than a cent. */
const IDLE_ROWS = 100;
export const BATCHES: readonly { readonly kind: Kind; readonly batch: number }[] = [
  ...KINDS.map((kind) => ({ kind, batch: 100 })),
  { kind: "territory", batch: 10 },
];

/** What was measured at one size. */
export interface Measured {
  readonly size: Size;
  /** As many as there are BATCHES. */
  readonly costs: readonly Costs[];
  readonly idleCron: Usage;
  /** Of the whole database. */
  readonly bytes: number;
  /** Rows read, by call, ids and instants left out of its name. */
  readonly calls: ReadonlyMap<string, number>;
}

export function costFigures(smallest: Measured, largest: Measured): readonly Figure[] {
  const flat = (name: string, of: (one: Measured) => number): Figure => ({
    name,
    unit: "rows",
    value: of(largest),
    spread: null,
    reference: { name: describe(smallest.size), value: of(smallest) },
    target: { of: "ratio", at: "most", limit: FLAT },
  });
  const ofLead = BATCHES.flatMap(({ kind, batch }, n) => [
    flat(`read for a lead: ${kind}, batches of ${batch}`, (one) => perLead(one, n, rowsRead)),
    flat(`written for a lead: ${kind}, batches of ${batch}`, (one) => perLead(one, n, rowsWritten)),
  ]);
  const idleCron: Figure = {
    name: "read by the cron when nothing is new",
    unit: "rows",
    value: rowsRead(largest.idleCron),
    spread: null,
    reference: { name: describe(smallest.size), value: rowsRead(smallest.idleCron) },
    target: { of: "value", at: "most", limit: IDLE_ROWS },
  };
  return [...ofLead, idleCron];
}

export function callFigures(full: Measured, largest: Measured): readonly Figure[] {
  const grew = [...largest.calls].filter(
    ([call, rows]) => rows > FLAT * (full.calls.get(call) ?? 0),
  );
  return [
    {
      name: `calls that read more rows at ${describe(largest.size)} than at ${describe(full.size)}`,
      unit: "calls",
      value: grew.length,
      spread: null,
      target: { of: "value", at: "most", limit: 0 },
    },
    {
      name: "most rows that a call reads",
      unit: "rows",
      value: Math.max(...largest.calls.values()),
      spread: null,
    },
  ];
}

/** With a thousand accounts beside so many leads, the leads are all there is. */
export function sizeFigure({ bytes, size }: Measured): Figure {
  return {
    name: "stored for a lead: itself, its decision with a trail of two rules and three candidates, its events, their commits",
    unit: "bytes",
    value: Math.round(bytes / size.leads),
    spread: null,
  };
}

export function costTable(measured: readonly Measured[]): Table {
  return {
    title: "Rows per lead, D1 and Durable Objects together: read / written",
    columns: ["lead", "batch", ...measured.map(({ size }) => describe(size))],
    rows: BATCHES.map(({ kind, batch }, n) => [
      kind,
      batch,
      ...measured.map((one) =>
        [rowsRead, rowsWritten].map((rows) => perLead(one, n, rows).toFixed(2)).join(" / "),
      ),
    ]),
  };
}

/** Where the rows of a lead are read. */
export function stageTable(measured: readonly Measured[]): Table {
  const stages = ["intake", "pass", "notify", "settle", "cron"] as const;
  return {
    title: "Rows read for a lead of a territory in batches of 100, by stage",
    columns: ["stage", ...measured.map(({ size }) => describe(size))],
    rows: stages.map((stage) => [
      stage,
      ...measured.map(({ costs }) => {
        const at = BATCHES.findIndex(({ kind, batch }) => kind === "territory" && batch === 100);
        const used = costs[at]?.[stage];
        return used === undefined ? "" : (rowsRead(used) / 100).toFixed(2);
      }),
    ]),
  };
}

export function callTable(measured: readonly Measured[]): Table {
  const [first] = measured;
  return {
    title: "Rows that a call reads",
    columns: ["GET /api", ...measured.map(({ size }) => describe(size))],
    rows: [...(first?.calls.keys() ?? [])].map((call) => [
      call,
      ...measured.map(({ calls }) => calls.get(call) ?? ""),
    ]),
  };
}

function perLead({ costs }: Measured, at: number, rows: (used: Usage) => number): number {
  const [one, batch] = [costs[at], BATCHES[at]?.batch];
  if (one === undefined || batch === undefined) throw new Error("a batch was left out");
  return [one.intake, one.pass, one.notify, one.settle, one.cron].reduce(
    (sum, used) => sum + rows(used) / batch,
    0,
  );
}

export function rowsRead({ d1RowsRead, podRowsRead }: Usage): number {
  return d1RowsRead + podRowsRead;
}

function rowsWritten({ d1RowsWritten, podRowsWritten }: Usage): number {
  return d1RowsWritten + podRowsWritten;
}

export function describe({ leads, accounts }: Size): string {
  const [l, a] = [leads, accounts].map((count) => count.toLocaleString("en-US"));
  return `${l} leads, ${a} accounts`;
}
