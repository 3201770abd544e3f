import type { Figure } from "../bench.ts";
import { dollarsOfKeeping, dollarsPerMillion } from "../prices.ts";
import type { Rounds } from "../rounds.ts";
import type { Usage } from "../meters/usage.ts";
import type { Kind } from "./cost-leads.ts";
import type { Cost } from "./measure.ts";

/** The budget of a lead (DESIGN, section 7): rows written, queue messages, requests of a pod a round, dollars per million. */
const BUDGET = { rows: 6, messages: 1.2, podRequests: 1, dollars: 8 } as const;

/** The figures that "How far this goes" is computed from. */
export const STATEMENTS_FIGURE = "D1 statements, batches of 100";
export const POD_FIGURE = "Durable Object requests, batches of 100";
export const BYTES_FIGURE = "Kept in D1";

export function rowsWritten({ d1RowsWritten, podRowsWritten }: Usage): number {
  return d1RowsWritten + podRowsWritten;
}

export function rowsRead({ d1RowsRead, podRowsRead }: Usage): number {
  return d1RowsRead + podRowsRead;
}

/** A lead of the same kind and batch, by both. */
export interface Compared {
  readonly router: Cost;
  readonly plain: Cost;
}

export interface Findings {
  /** A territory lead at batches of 10: the one that most figures are of. */
  readonly ten: Compared;
  /** Kind by kind, at batches of 10. */
  readonly tens: ReadonlyMap<Kind, Compared>;
  /** A territory lead at batches of 100. */
  readonly hundreds: Compared;
  readonly cpu: { readonly subject: Rounds; readonly reference: Rounds } | null;
  /** Bytes that D1 keeps of a lead. */
  readonly bytes: { readonly router: number; readonly plain: number };
}

export function costFigures({ ten, tens, hundreds, cpu, bytes }: Findings): Figure[] {
  const { router, plain } = ten;
  return [
    {
      ...counted("A million leads at list price", "$", dollars(router, cpu?.subject)),
      reference: { name: "plain", value: dollars(plain, cpu?.reference) },
      target: { of: "value", at: "most", limit: BUDGET.dollars },
    },
    ...[...tens].map(([kind, one]): Figure => {
      return {
        ...compare(`Rows written, ${kind}`, "rows/lead", one.router, one.plain, rowsWritten),
        target: { of: "value", at: "most", limit: BUDGET.rows },
      };
    }),
    compare(
      "Rows written, batches of 100",
      "rows/lead",
      hundreds.router,
      hundreds.plain,
      rowsWritten,
    ),
    {
      ...compare("Queue messages", "messages/lead", router, plain, (used) => used.queueMessages),
      target: { of: "value", at: "most", limit: BUDGET.messages },
    },
    {
      ...counted("Requests of a pod, for a batch", "requests", podRequests(router)),
      reference: { name: "plain", value: podRequests(plain) },
      target: { of: "value", at: "most", limit: BUDGET.podRequests },
    },
    compare("Rows read", "rows/lead", router, plain, rowsRead),
    compare("Subrequests", "calls/lead", router, plain, (used) => used.subrequests),
    compare(
      STATEMENTS_FIGURE,
      "statements/lead",
      hundreds.router,
      hundreds.plain,
      (used) => used.d1Statements,
    ),
    compare(
      POD_FIGURE,
      "requests/lead",
      hundreds.router,
      hundreds.plain,
      (used) => used.podRequests,
    ),
    {
      ...counted(BYTES_FIGURE, "bytes/lead", bytes.router),
      reference: { name: "plain", value: bytes.plain },
    },
    {
      ...counted("A million leads kept in D1, a month", "$", dollarsOfKeeping(bytes.router)),
      reference: { name: "plain", value: dollarsOfKeeping(bytes.plain) },
    },
    ...(cpu === null
      ? []
      : [
          {
            name: "CPU of all of workerd",
            unit: "ms/lead",
            value: cpu.subject.value,
            spread: cpu.subject.spread,
            reference: { name: "plain", value: cpu.reference.value },
          },
        ]),
  ];
}

/** Dollars per million such leads. */
export function dollars({ total }: Cost, cpu: Rounds | undefined): number {
  return dollarsPerMillion(total, cpu?.value ?? 0);
}

/** Calls to a pod in the routing of one batch. */
function podRequests({ stages, measured }: Cost): number {
  return stages.routing.podRequests * measured.batch;
}

function compare(
  name: string,
  unit: string,
  router: Cost,
  plain: Cost,
  read: (usage: Usage) => number,
): Figure {
  return {
    ...counted(name, unit, read(router.total)),
    reference: { name: "plain", value: read(plain.total) },
  };
}

function counted(name: string, unit: string, value: number): Figure {
  return { name, unit, value, spread: null };
}
