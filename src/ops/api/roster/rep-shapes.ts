import { z } from "zod";
import { isoText } from "../shapes.ts";

// What the API's answers say of reps and their absences.

const daysHours = z
  .array(
    z
      .tuple([z.string(), z.string()])
      .readonly()
      // The generator leaves out that a tuple has an end.
      .meta({ minItems: 2, maxItems: 2 }),
  )
  .readonly()
  .optional()
  .meta({
    description: "Spans by the 24-hour clock; one that ends before it starts ends next day.",
  });

const hoursShape = z
  .strictObject({
    mon: daysHours,
    tue: daysHours,
    wed: daysHours,
    thu: daysHours,
    fri: daysHours,
    sat: daysHours,
    sun: daysHours,
  })
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
