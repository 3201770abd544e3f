import { z } from "zod";
import type { Form } from "./plan.ts";
import {
  consistencySchema,
  leadPageSchema,
  podSchema,
  storySchema,
  type Consistency,
  type ListedLead,
  type PodView,
  type Story,
} from "./answers.ts";
import { ACCOUNTS, MEMBERS, REPS } from "./team.ts";

/** Longer than the door waits for D1 and the queue together (4 s). */
const LIMIT_MS = 15_000;

const acceptedSchema = z.object({ id: z.string() });

/** The router, called as its clients call it. Every call rejects when the worker is killed meanwhile. */
export interface RouterClient {
  /** Puts the reps, their pods and the accounts in place. */
  setUpTeam(): Promise<void>;
  /** The id that the form was answered with; null when it was refused with a status of 5xx. */
  post(form: Form): Promise<string | null>;
  /** Does what the cron trigger does; nobody pulls it locally. */
  sweep(): Promise<void>;
  readConsistency(): Promise<Consistency>;
  /** All leads that are stored. */
  listLeads(): Promise<ListedLead[]>;
  /** The story of the lead behind an id; null when there is none. */
  readStory(leadId: string): Promise<Story | null>;
  readPod(podId: string): Promise<PodView>;
}

export function createRouterClient(url: string, token: string): RouterClient {
  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (response.ok || response.status === 404) return response;
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  }

  async function read<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> {
    const response = await call("GET", path);
    if (response.status === 404) throw new Error(`GET ${path} answered 404`);
    return schema.parse(await response.json());
  }

  async function put(path: string, body: unknown): Promise<void> {
    const response = await call("PUT", path, body);
    if (response.status === 404)
      throw new Error(`PUT ${path} answered 404: is the sample rules.ts in place?`);
    await response.body?.cancel();
  }

  return {
    async setUpTeam() {
      for (const { id, timeZone, dailyCap } of REPS)
        await put(`/api/reps/${id}`, { name: id, timeZone, dailyCap });
      for (const { podId, repId, dailyCap } of MEMBERS)
        await put(`/api/pods/${podId}/members/${repId}`, { dailyCap });
      for (const { domain, ownerId } of ACCOUNTS)
        await put(`/api/accounts/${domain}`, { accountId: domain, name: domain, ownerId });
    },

    async post({ key, fields }) {
      const response = await fetch(`${url}/leads`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(key !== null && { "idempotency-key": key }),
        },
        body: JSON.stringify(fields),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      if (response.ok) return acceptedSchema.parse(await response.json()).id;
      const answer = await response.text();
      if (response.status >= 500) return null;
      throw new Error(`a well-formed lead was refused with ${response.status}: ${answer}`);
    },

    async sweep() {
      const response = await call("GET", "/cdn-cgi/local/scheduled");
      await response.body?.cancel();
    },

    readConsistency: () => read("/api/health/consistency", consistencySchema),

    async listLeads() {
      const leads: ListedLead[] = [];
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page = await read(`/api/leads?limit=200${after}`, leadPageSchema);
        leads.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return leads;
    },

    async readStory(leadId) {
      const response = await call("GET", `/api/leads/${leadId}`);
      return response.status === 404 ? null : storySchema.parse(await response.json());
    },

    readPod: (podId) => read(`/api/pods/${podId}`, podSchema),
  };
}
