import type { Column, Table } from "drizzle-orm";

/** A row of a table of schema.ts as hand-written SQL yields it: JSON as text, booleans as 0 or 1. */
export type StoredRow<Of extends Table> = {
  readonly [Name in keyof Of["_"]["columns"]]: Of["_"]["columns"][Name]["_"]["notNull"] extends true
    ? StoredValue<Of["_"]["columns"][Name]>
    : StoredValue<Of["_"]["columns"][Name]> | null;
};

type StoredValue<Of extends Column> = Of["_"]["dataType"] extends "json"
  ? string
  : Of["_"]["dataType"] extends "boolean"
    ? 0 | 1
    : Of["_"]["data"];
