import { z } from "zod";
import { ALERT_NAMES, ALERTS } from "../alerts/alert.ts";
import { measureAlerts, readLimits } from "../alerts/measure.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { isoInstant } from "./present.ts";
import { isoText } from "./shapes.ts";

const alert = z
  .strictObject({
    name: z.enum(ALERT_NAMES),
    what: z.string(),
    unit: z.enum(["seconds", "share", "leads"]),
    value: z.number().nullable().meta({
      description:
        "Now; null = it cannot be told: too few leads, or the sweep is too far behind to see which waits.",
    }),
    limit: z.number().nullable().meta({
      description: "Ops are told once the value reaches it; null = the alert is off.",
    }),
    setting: z.string().meta({ description: "The variable that holds the limit." }),
    raisedAt: isoText.nullable().meta({
      description:
        "Since when it is raised; null = it is not, or the next minute will see it. With `news` over: since when it was, of which ops never heard.",
    }),
    calmSince: isoText.nullable().meta({
      description:
        "Since when a raised alert is below 80 % of its limit, or its value cannot be told: half an hour, or a day, and it is over.",
    }),
    toldAt: isoText.nullable().meta({
      description: "When ops were told of it last, or it was found that nobody can be.",
    }),
    news: z.enum(["raised", "standing", "worse", "over"]).nullable().meta({
      description:
        "What ops have still to be told, while Slack is away; null = nothing. `standing` comes once a day, `worse` when the value is ten times what they were told last.",
    }),
  })
  .meta({ id: "Alert", description: "What is measured every minute, and the limit to it." });

const [LATENCY, UNASSIGNED, , PENDING] = ALERTS;

/** `/alerts`. Mounted under /api. */
export function alertsApi(): ApiPart {
  const api = apiPart();
  endpoint(
    api,
    {
      method: "get",
      path: "/alerts",
      tag: "Health",
      summary: "Is a limit reached?",
      description:
        "Every alert with its limit, its value of now and whether ops were told. Measured for this answer; raised and ended by the cron, once a minute. Reads a bounded number of rows.",
      answers: {
        200: {
          description: "The alerts.",
          schema: z.strictObject({ items: z.array(alert).readonly() }),
          example: {
            items: [
              {
                name: "oldest_pending",
                what: PENDING?.what ?? "",
                unit: "seconds",
                value: 431.2,
                limit: 300,
                setting: "ALERT_PENDING_SECONDS",
                raisedAt: "2026-11-22T09:32:00.007Z",
                calmSince: null,
                toldAt: "2026-11-22T09:32:00.412Z",
                news: null,
              },
              {
                name: "unassigned_share",
                what: UNASSIGNED?.what ?? "",
                unit: "share",
                value: 0.04,
                limit: 0.2,
                setting: "ALERT_UNASSIGNED_SHARE",
                raisedAt: null,
                calmSince: null,
                toldAt: null,
                news: null,
              },
              {
                name: "time_to_assignment",
                what: LATENCY?.what ?? "",
                unit: "seconds",
                value: 1.448,
                limit: 60,
                setting: "ALERT_P95_SECONDS",
                raisedAt: null,
                calmSince: null,
                toldAt: null,
                news: null,
              },
            ],
          },
        },
      },
    },
    async ({ deps }) => {
      const limits = readLimits(deps);
      const look = await measureAlerts(deps);
      const items = ALERTS.map(({ name, what, unit, variable }) => {
        const { raisedAt, calmSince, toldAt, news } = look.stateOf(name);
        const [value, limit] = [look.valueOf(name), limits.get(name) ?? null];
        return {
          name,
          what,
          unit,
          value,
          limit,
          setting: variable,
          raisedAt: raisedAt === null ? null : isoInstant(raisedAt),
          calmSince: calmSince === null ? null : isoInstant(calmSince),
          toldAt: toldAt === null ? null : isoInstant(toldAt),
          news,
        };
      });
      return { status: 200, body: { items } };
    },
  );
  return api;
}
