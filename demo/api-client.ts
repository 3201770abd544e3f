import { z } from "zod";
import type { DemoLead } from "./demo-lead.ts";
import type { RunningRouter } from "./router.ts";
import { leadStorySchema, type LeadStory } from "./lead-story.ts";

/** What the door said to one lead. */
export type Posted =
  | { readonly outcome: "received"; readonly leadId: string }
  | { readonly outcome: "refused"; readonly message: string };

/** The router's public API, called as any client would call it. */
export interface ApiClient {
  /** Puts one resource in its place. Rejects with the router's own words when it is refused. */
  put(path: string, body: unknown): Promise<void>;
  importAccounts(csv: string): Promise<void>;
  postLead(lead: DemoLead): Promise<Posted>;
  /** The whole story of a lead; null while the router does not know it. */
  getLead(leadId: string): Promise<LeadStory | null>;
  getConsistency(): Promise<Consistency>;
}

const acceptedSchema = z.object({ id: z.string() });
const refusedSchema = z.object({ message: z.string() });
const problemSchema = z.object({ detail: z.string() });
const importedSchema = z.object({
  refused: z.array(z.object({ row: z.number(), field: z.string(), message: z.string() })),
});
const consistencySchema = z.object({
  leads: z.number(),
  assigned: z.number(),
  unassigned: z.number(),
  undecided: z.number(),
  balanced: z.boolean(),
});

export type Consistency = z.infer<typeof consistencySchema>;

export function createApiClient({ url, token }: RunningRouter): ApiClient {
  async function call(method: string, path: string, type: string, body?: string) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": type }),
      },
      ...(body !== undefined && { body }),
    });
    if (response.ok) return response;
    const problem = problemSchema.safeParse(await response.json().catch(() => null));
    const why = problem.data?.detail ?? "without saying why";
    throw new ApiError(response.status, `${method} ${path} answered ${response.status}: ${why}`);
  }

  return {
    async put(path, body) {
      const response = await call("PUT", path, "application/json", JSON.stringify(body));
      await response.body?.cancel();
    },
    async importAccounts(csv) {
      const response = await call("POST", "/api/accounts/import", "text/csv", csv);
      const [first] = importedSchema.parse(await response.json()).refused;
      if (first !== undefined) {
        throw new Error(`account row ${first.row} was refused: ${first.field} ${first.message}`);
      }
    },
    async postLead(lead) {
      const response = await fetch(`${url}/leads`, { method: "POST", ...encodeLead(lead) });
      const answer: unknown = await response.json();
      if (response.ok) return { outcome: "received", leadId: acceptedSchema.parse(answer).id };
      const message = refusedSchema.safeParse(answer).data?.message ?? "refused without a word";
      if (response.status >= 500) {
        throw new ApiError(response.status, `POST /leads answered ${response.status}: ${message}`);
      }
      return { outcome: "refused", message };
    },
    async getLead(leadId) {
      try {
        const response = await call("GET", `/api/leads/${leadId}`, "");
        return leadStorySchema.parse(await response.json());
      } catch (error) {
        // A lead that spilled is on the queue and not in the database yet.
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    async getConsistency() {
      const response = await call("GET", "/api/health/consistency", "");
      return consistencySchema.parse(await response.json());
    },
  };
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function encodeLead({ encoding, fields }: DemoLead) {
  if (encoding === "json") {
    return { headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
  }
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  // A script that posts a form says that it reads JSON; a browser would be sent to the thank-you page.
  return { headers: { accept: "application/json" }, body: form };
}
