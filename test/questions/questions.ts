import type { Shown } from "./render-json.ts";
import type { Answer, World } from "./world.ts";

/** An API call. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Under /api. */
  readonly path: string;
  readonly body?: unknown;
}

/** A question that operations people ask, and the one call that answers it. */
export interface Question {
  readonly words: string;
  readonly call: (world: World) => Call;
  /** The part of the answer that docs/api.md shows; absent = all of it. */
  readonly shown?: Shown;
}

/** The ten questions, in the order of docs/api.md. */
export const QUESTIONS = {
  why: {
    words: "Why did this lead go to Emre?",
    call: ({ idOf }) => ({ method: "GET", path: `/leads/${idOf("hannah@havelwerk.example")}` }),
    shown: {
      lead: ["id", "email", "countryCode", "score", "state", "ownerId", "summary"],
      "decisions.*": ["generation", "outcome", "ownerId", "rule", "trail", "decidedAt"],
      "decisions.*.trail.*": ["rule", "outcome", "reason", "candidates", "picked", "runnerUp"],
      "decisions.*.trail.*.candidates.*": ["repId", "eligibility", "reason", "weight", "balance"],
      "events.*": ["kind", "actor", "occurredAt", "detail"],
    },
  },
  skipped: {
    words: "Why did it skip me?",
    call: () => ({ method: "GET", path: "/reps/bo/skipped?limit=2" }),
  },
  next: {
    words: "Who is next?",
    call: () => ({ method: "GET", path: "/pods/dach" }),
    shown: {
      "": ["id", "ledger"],
      ledger: ["at", "next", "members", "waiting"],
      "ledger.members.*": ["repId", "eligibility", "reason", "until", "received", "owed"],
    },
  },
  capacity: {
    words: "Who is over cap?",
    call: () => ({ method: "GET", path: "/metrics/capacity" }),
  },
  stuck: {
    words: "What is stuck?",
    call: () => ({ method: "GET", path: "/stuck" }),
  },
  fair: {
    words: "Is the rotation fair?",
    call: () => ({ method: "GET", path: "/metrics/fairness?pod=dach" }),
  },
  rules: {
    words: "Which rule stopped matching?",
    call: () => ({ method: "GET", path: "/metrics/rules" }),
    shown: {
      rules: [1],
      "rules.*": [
        "rule",
        "place",
        "tried",
        "matched",
        "rate",
        "lastMatchedAt",
        "stopped",
        "explanation",
        "series",
      ],
    },
  },
  fast: {
    words: "How fast are we?",
    call: () => ({ method: "GET", path: "/metrics/time-to-assignment?from=2026-11-23T00:00:00Z" }),
    shown: {
      "": ["from", "to", "complete", "receivedToDecided", "receivedToNotified"],
      receivedToNotified: ["count", "p50Ms", "p95Ms", "maxMs", "promise"],
    },
  },
  ana: {
    words: "What did Ana change?",
    call: () => ({ method: "GET", path: "/audit?actor=ana&type=event&limit=3" }),
  },
  ifSo: {
    words: "What happens if …?",
    call: () => ({
      method: "POST",
      path: "/simulate",
      body: { lead: { email: "jane@neckar.example", country: "Germany", score: 85 } },
    }),
    shown: {
      "": ["outcome", "ownerId", "podId", "rule", "reason", "trail"],
      "trail.*": ["rule", "outcome", "reason", "candidates", "picked", "runnerUp"],
      "trail.*.candidates.*": ["repId", "eligibility", "reason"],
    },
  },
} as const satisfies Readonly<Record<string, Question>>;

/** Asks with a token that can only read, if the call is a GET. */
export async function ask(world: World, { call }: Question): Promise<Answer> {
  const { method, path, body } = call(world);
  return world.call(method, path, body, method === "GET" ? "rolf" : "ana");
}
