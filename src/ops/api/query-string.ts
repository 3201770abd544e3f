import type { z } from "zod";
import { listFieldProblems } from "./input.ts";
import { Problem } from "./problem.ts";

/**
 * The parameters of a URL that meet the schema, a strict object of strings or of what is made of strings.
 * @throws {Problem} bad_request, naming each parameter that is unknown, given twice or not as it should be
 */
export function readQuery<Output>(url: string, schema: z.ZodType<Output>): Output {
  const parameters = [...new URL(url).searchParams];
  const names = parameters.map(([name]) => name);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  const parsed = schema.safeParse(Object.fromEntries(parameters));
  if (parsed.success && twice.size === 0) return parsed.data;
  const errors = [
    ...[...twice].map((field) => ({ field, message: "should be given once" })),
    ...(parsed.success ? [] : listFieldProblems(parsed.error)),
  ];
  const words = errors.map(({ field, message }) => `${field} ${message}`).join("; ");
  throw new Problem("bad_request", `The query cannot be used: ${words}.`, errors);
}
