import { z } from "zod";

// The router's public API, called as any client would call it.

export interface ApiClient {
  /** Creates or replaces one resource. If it is refused, rejects with the router's own message. */
  put(path: string, body: unknown): Promise<void>;
  importAccounts(csv: string): Promise<void>;
  postLead(lead: DemoLead): Promise<Posted>;
  /** A lead with its decisions; null while the router does not know it. */
  getLead(leadId: string): Promise<LeadStory | null>;
  getConsistency(): Promise<Consistency>;
}

/** A lead before it is posted. */
export interface DemoLead {
  /** What a refusal calls it: "row 12". */
  readonly label: string;
  /** The content type it is posted as. */
  readonly encoding: "json" | "form";
  /** Under the names the form or the file used. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The router's response to one lead. */
type Posted =
  | { readonly outcome: "received"; readonly leadId: string }
  | { readonly outcome: "refused"; readonly message: string };

// The schemas have only what the demo reads.

const candidateSchema = z.object({
  repId: z.string(),
  reason: z.string(),
});

const stepSchema = z.object({
  rule: z.string(),
  outcome: z.enum(["matched", "no_match", "no_eligible_rep"]),
  reason: z.string(),
  podId: z.string().optional(),
  candidates: z.array(candidateSchema).optional(),
  picked: z.string().optional(),
  runnerUp: z.string().optional(),
});

const decisionSchema = z.object({
  outcome: z.enum(["assigned", "unassigned"]),
  rule: z.string().nullable(),
  podId: z.string().nullable(),
  ownerId: z.string().nullable(),
  reason: z.string(),
  trail: z.array(stepSchema),
  committedAt: z.iso.datetime(),
});

/** `GET /api/leads/:id` */
const leadStorySchema = z.object({
  lead: z.object({
    id: z.string(),
    receivedAt: z.iso.datetime(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    company: z.string().nullable(),
    companyDomain: z.string().nullable(),
  }),
  decisions: z.array(decisionSchema),
});

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

export type LeadStory = z.infer<typeof leadStorySchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type TrailStep = z.infer<typeof stepSchema>;
export type Consistency = z.infer<typeof consistencySchema>;

/** A lead with its decision. */
export interface DecidedLead {
  readonly lead: LeadStory["lead"];
  readonly decision: Decision;
  /** From the moment the router accepted the lead to the committed decision, in milliseconds. */
  readonly milliseconds: number;
}

/** The lead with its first decision; null if it has none yet. */
export function findDecision({ lead, decisions }: LeadStory): DecidedLead | null {
  const [decision] = decisions;
  if (decision === undefined) return null;
  const milliseconds = Date.parse(decision.committedAt) - Date.parse(lead.receivedAt);
  return { lead, decision, milliseconds };
}

/** Where the router is, and a bearer token of scope `write`. */
interface Access {
  readonly url: string;
  readonly token: string;
}

export function createApiClient({ url, token }: Access): ApiClient {
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
    const why = problem.data?.detail ?? "without giving a reason";
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
      const message = refusedSchema.safeParse(answer).data?.message ?? "no reason given";
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
        // While D1 is slow, a lead is on the queue before it is in the database.
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

class ApiError extends Error {
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
  // A script that posts a form asks for JSON; a browser would be redirected to the thank-you page.
  return { headers: { accept: "application/json" }, body: form };
}
