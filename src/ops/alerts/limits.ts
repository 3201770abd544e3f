import type { Deps } from "../../ports/deps.ts";
import { ALERTS, type Alert, type AlertName } from "./alert.ts";

/** The limit of each alert; null = it is off. */
export type Limits = ReadonlyMap<AlertName, number | null>;

const OFF = "off";

/** Reads the limits from the variables. One that is no limit is said in the log, and the default holds. */
export function readLimits({ secret, log }: Pick<Deps, "secret" | "log">): Limits {
  return new Map(
    ALERTS.map((alert) => {
      const value = secret(alert.variable)?.trim().toLowerCase() ?? null;
      const limit = value === null ? alert.defaultLimit : readLimit(value, alert);
      if (limit !== undefined) return [alert.name, limit];
      log("error", "alert_limit_unreadable", {
        setting: alert.variable,
        limit: alert.defaultLimit,
        cause: `it should be ${OFF} or a number above 0${alert.largestLimit === null ? "" : `, ${alert.largestLimit} at most`}: the default holds`,
      });
      return [alert.name, alert.defaultLimit];
    }),
  );
}

/** The limit that a variable gives; null = off, undefined = it gives none. */
function readLimit(value: string, { largestLimit }: Alert): number | null | undefined {
  if (value === OFF) return null;
  const limit = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return limit > 0 && limit <= (largestLimit ?? Number.MAX_SAFE_INTEGER) ? limit : undefined;
}
