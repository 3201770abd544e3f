import type { Table } from "../bench.ts";
import type { Usage } from "../meters/usage.ts";
import { PRICES, PRICES_OF } from "../prices.ts";
import type { Rounds } from "../rounds.ts";
import { STAGES } from "./case.ts";
import { dollars, rowsRead, rowsWritten, type Compared } from "./cost-figures.ts";
import type { Cost } from "./measure.ts";

type Cpu = { readonly subject: Rounds; readonly reference: Rounds } | null;

/** Every kind of lead at every batch. */
export function kindsTable(compared: readonly Compared[], cpu: Cpu): Table {
  return {
    title: "By kind of lead and batch, each lead",
    columns: [
      "lead",
      "batch",
      "rows written: D1",
      "pod",
      "all",
      "plain",
      "rows read",
      "DO requests",
      "queue messages",
      "subrequests",
      "$ per million",
      "plain",
    ],
    rows: compared.map(({ router, plain }) => [
      router.measured.kind,
      router.measured.batch,
      shown(router.total.d1RowsWritten),
      shown(router.total.podRowsWritten),
      shown(rowsWritten(router.total)),
      shown(rowsWritten(plain.total)),
      shown(rowsRead(router.total)),
      shown(router.total.podRequests),
      shown(router.total.queueMessages),
      shown(router.total.subrequests),
      shown(dollars(router, cpu?.subject)),
      shown(dollars(plain, cpu?.reference)),
    ]),
  };
}

/** Where on its path a lead costs what. */
export function stagesTable({ stages, total, measured }: Cost): Table {
  const row = (name: string, used: Usage) => [
    name,
    shown(used.d1RowsWritten),
    shown(used.podRowsWritten),
    shown(rowsRead(used)),
    shown(used.d1Statements),
    shown(used.podRequests),
    shown(used.queueMessages),
    shown(used.workerRequests),
  ];
  return {
    title: `Where it goes: a ${measured.kind} lead in a batch of ${measured.batch}`,
    columns: [
      "stage",
      "rows written: D1",
      "pod",
      "rows read",
      "D1 statements",
      "DO requests",
      "queue messages",
      "Worker requests",
    ],
    rows: [
      ...STAGES.filter((stage) => stages[stage].subrequests > 0).map((stage) =>
        row(stage, stages[stage]),
      ),
      row("all", total),
    ],
  };
}

/** What further features add to a lead. */
export function extrasTable(base: Cost, extras: readonly (readonly [string, Cost])[]): Table {
  return {
    title: "What else costs, on top of a territory lead in a batch of 10",
    columns: [
      "with",
      "rows written",
      "rows read",
      "queue messages",
      "subrequests",
      "$ per million",
    ],
    rows: extras.map(([name, { total }]) => [
      name,
      signed(rowsWritten(total) - rowsWritten(base.total)),
      signed(rowsRead(total) - rowsRead(base.total)),
      signed(total.queueMessages - base.total.queueMessages),
      signed(total.subrequests - base.total.subrequests),
      signed(dollars({ ...base, total }, undefined) - dollars(base, undefined)),
    ]),
  };
}

/** A million leads, item by item, with each price and where it stands. */
export function pricesTable({ router, plain }: Compared, cpu: Cpu): Table {
  return {
    title: `A million ${router.measured.kind} leads in batches of ${router.measured.batch}, at the list prices of ${PRICES_OF}`,
    columns: [
      "what",
      "a lead",
      "$ per million of it",
      "$ per million leads",
      "plain",
      "included a month",
      "price",
    ],
    rows: PRICES.map(({ unit, perMillion, included, page, count }) => {
      const used = count(router.total, cpu?.subject.value ?? 0);
      const usedPlainly = count(plain.total, cpu?.reference.value ?? 0);
      return [
        unit,
        used < 0.01 && used > 0 ? used.toPrecision(2) : shown(used),
        perMillion,
        shown(perMillion * used),
        shown(perMillion * usedPlainly),
        included,
        page,
      ];
    }),
  };
}

function shown(value: number): number {
  return Math.round(value * 100) / 100;
}

function signed(value: number): string {
  const rounded = shown(value);
  return rounded === 0 ? "0" : `${rounded > 0 ? "+" : "−"}${Math.abs(rounded)}`;
}
