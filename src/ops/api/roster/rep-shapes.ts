import { z } from "zod";
import { WEEKDAYS, type Weekday } from "../../../ports/roster.ts";
import { isoText } from "../shapes.ts";
import { isTimeZone, spansOverlap } from "../../../roster/index.ts";
import { cap, should, text } from "../input.ts";

// What the API takes and answers of reps and their absences.

/** The same for every day of the week, in the order in which they are stored. */
function everyDay<Of>(of: Of): Record<Weekday, Of> {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, of])) as Record<Weekday, Of>;
}

// The generator of the docs leaves out that a tuple has an end.
const PAIR = { minItems: 2, maxItems: 2 };

const hoursShape = z
  .strictObject(
    everyDay(
      z
        .array(z.tuple([z.string(), z.string()]).readonly().meta(PAIR))
        .readonly()
        .optional()
        .meta({
          description: "Spans by the 24-hour clock; one that ends before it starts ends next day.",
        }),
    ),
  )
  .meta({ id: "WorkingHours", description: "In the rep's own zone; a day left out has none." });

export const repShape = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    slackUserId: z.string().nullable(),
    timeZone: z.string().meta({ description: "IANA." }),
    workingHours: hoursShape.nullable().meta({ description: "Null = at any hour." }),
    dailyCap: z.int().nullable().meta({
      description: "Leads a day over all pods, account matches and hand assignments.",
    }),
    active: z.boolean().meta({ description: "False once deactivated." }),
  })
  .meta({ id: "Rep", description: "Somebody who gets leads." });

export const absenceShape = z
  .strictObject({
    id: z.string(),
    repId: z.string(),
    from: isoText,
    until: isoText.meta({ description: "Exclusive." }),
    note: z.string().nullable(),
  })
  .meta({ id: "Absence", description: "When a rep gets no leads." });

const clockTime = z
  .string({ error: should("a time of day") })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, {
    error: should('a time of day by the 24-hour clock: "09:00"'),
  });

const hours = z
  .tuple(
    [clockTime.refine((time) => time !== "24:00", { error: should("before 24:00") }), clockTime],
    {
      error: should('a start and an end: ["09:00", "17:00"]'),
    },
  )
  .refine(([start, end]) => start !== end, {
    error: should("a span that ends at another time than it starts"),
  })
  .meta(PAIR);

const daysHours = z
  .array(hours, { error: should('a list of spans: [["09:00", "17:00"]]') })
  .refine((spans) => !spansOverlap(spans), { error: should("spans that do not overlap") })
  .exactOptional();

const workingHours = z
  .strictObject(everyDay(daysHours), {
    error: should("null, or an object of mon, tue, wed, thu, fri, sat, sun"),
  })
  .nullable()
  .default(null)
  .meta({
    description: "In the rep's own zone, a day left out has none; null = at any hour.",
    // The generator of the docs takes exactly optional for required.
    required: [],
  });

/** The body of `PUT /reps/:id`. What is left out becomes null. */
export const repBody = z.strictObject({
  name: text(200),
  email: z
    .string({ error: should("an e-mail address") })
    .trim()
    .max(254, { error: should("an e-mail address of at most 254 characters") })
    .pipe(z.email({ error: should("an e-mail address") }))
    .nullable()
    .default(null),
  slackUserId: z
    .string({ error: should("a Slack member id") })
    .regex(/^[UW][A-Z0-9]{2,30}$/, { error: should('a Slack member id, such as "U012AB3CD"') })
    .nullable()
    .default(null),
  timeZone: z
    .string({ error: should("an IANA time zone") })
    .refine(isZoneName, { error: should('an IANA time zone, such as "Europe/Berlin"') })
    .meta({ description: "IANA." }),
  workingHours,
  dailyCap: cap.meta({
    description: "Leads a day over all pods, account matches and hand assignments; null = no cap.",
  }),
});

// Temporal also takes an offset, or a date and time that has one, for a zone.
function isZoneName(zone: string): boolean {
  return /^[A-Za-z][\w+/-]*$/.test(zone) && isTimeZone(zone);
}
