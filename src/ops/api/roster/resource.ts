import type { z } from "zod";
import type { Deps } from "../../../ports/deps.ts";
import type { Overtaken, Seen } from "../../../roster/index.ts";
import { requireConfirmed } from "../confirm.ts";
import { type ApiPart, type Call, endpoint, type Tag } from "../endpoint.ts";
import {
  deleteHeaders,
  editUnderConditions,
  etagHeader,
  putHeaders,
  sameValues,
  tagOf,
} from "../etag.ts";
import { Problem } from "../problem.ts";

/** Something that is read, put and deleted under a key: a rep, a member of a pod, an absence, an account. */
interface Resource<Key, Value, Input, Saved, Got, Put> {
  readonly path: string;
  readonly tag: Tag;
  readonly key: z.ZodType<Key>;
  /** Whether it has an ETag, and is put and deleted under the conditions of If-Match and If-None-Match. */
  readonly etag: boolean;
  readonly read: (db: D1Database, key: Key) => Promise<Value | null>;
  readonly get: Words & {
    readonly schema: z.ZodType<Got>;
    readonly show: (value: Value, deps: Deps) => Got | Promise<Got>;
    readonly found: Answer<Got>;
    /** What is said when there is none. */
    readonly missing: (key: Key) => string;
  };
  readonly put: Words & {
    readonly body: z.ZodType<Input>;
    readonly bodyExample: unknown;
    /** The values that a body asks for; left out = its own. */
    readonly asks?: (input: Input) => object;
    /** Throws where it cannot be put, whatever is there. */
    readonly check?: (call: PutCall<Key, Input>) => void;
    /** Adds or replaces it, if it is still as it was seen. */
    readonly write: (call: PutCall<Key, Input>, seen: Seen<Value>) => Promise<Saved | Overtaken>;
    readonly schema: z.ZodType<Put>;
    readonly show: (saved: Saved) => Put;
    readonly changed: Answer<Put>;
    readonly added: Answer<Put>;
    /** Whether a part of its key may name nothing. */
    readonly notFound?: true;
  };
  readonly delete: Words & {
    /** Removes it, if it is still as it was seen. */
    readonly write: (
      call: Call<Key, unknown, undefined>,
      seen: Value | undefined,
    ) => Promise<Removal | Overtaken>;
    /** Whether it is removed already; left out = when there is none. */
    readonly isGone?: (value: Value | null) => boolean;
    readonly removed: string;
    /** What is said when there is none to remove; left out = as by GET. */
    readonly missing?: (key: Key) => string;
  };
}

type PutCall<Key, Input> = Call<Key, unknown, Input>;

/** What the docs say of a call. */
interface Words {
  readonly summary: string;
  readonly description?: string;
}

/** What the docs say of an answer. */
interface Answer<Body> {
  readonly description: string;
  readonly example: Body;
}

/** Pods that have not confirmed the change; left out where pods know nothing of it. */
interface Changed<Outcome> {
  readonly outcome: Outcome;
  readonly unconfirmed?: readonly string[];
}
type Removal = Changed<"removed" | "not_found">;

/** Adds `GET`, `PUT` and `DELETE` of a resource to the API. */
export function resource<
  Key,
  Value,
  Input extends object,
  Saved extends Changed<string> & { readonly value: Value },
  Got,
  Put,
>(api: ApiPart, of: Resource<Key, Value, Input, Saved, Got, Put>): void {
  const { path, tag, key: params, etag, get, put } = of;
  const carried = etag ? { headers: etagHeader } : {};
  const tagged = (value: Value) => (etag ? { ETag: tagOf(value) } : {});
  const notFound = (key: Key, missing = get.missing) => new Problem("not_found", missing(key));
  const conditionsOf = ({ headers }: Request) => ({ headers: etag ? headers : new Headers() });
  const conflicts = etag ? (["precondition_failed"] as const) : [];

  endpoint(
    api,
    {
      method: "get",
      path,
      tag,
      params,
      ...wordsOf(get),
      answers: { 200: { ...get.found, ...carried, schema: get.schema } },
      problems: ["not_found"],
    },
    async ({ deps, params: key }) => {
      const value = await of.read(deps.db, key);
      if (value === null) throw notFound(key);
      return { status: 200, body: await get.show(value, deps), headers: tagged(value) };
    },
  );

  endpoint(
    api,
    {
      method: "put",
      path,
      tag,
      params,
      ...wordsOf(put),
      ...(etag && { headers: putHeaders }),
      body: put.body,
      bodyExample: put.bodyExample,
      answers: {
        200: { ...put.changed, ...carried, schema: put.schema },
        201: { ...put.added, ...carried, schema: put.schema },
      },
      problems: [...conflicts, ...(put.notFound ? (["not_found"] as const) : [])],
    },
    async (call) => {
      put.check?.(call);
      const asked = put.asks?.(call.body) ?? call.body;
      const saved = await editUnderConditions<Value, Saved>(conditionsOf(call.request), {
        read: () => of.read(call.deps.db, call.params),
        stands: (seen) => seen !== null && sameValues({ ...seen, ...asked }, seen),
        write: (seen) => put.write(call, seen),
      });
      requireConfirmed(saved.unconfirmed ?? []);
      return {
        status: saved.outcome === "added" ? 201 : 200,
        body: put.show(saved),
        headers: tagged(saved.value),
      };
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path,
      tag,
      params,
      ...wordsOf(of.delete),
      ...(etag && { headers: deleteHeaders }),
      answers: { 204: { description: of.delete.removed } },
      problems: ["not_found", ...conflicts],
    },
    async (call) => {
      const { isGone = (value: Value | null) => value === null, missing } = of.delete;
      const { outcome, unconfirmed = [] } = await editUnderConditions<Value, Removal>(
        conditionsOf(call.request),
        {
          read: () => of.read(call.deps.db, call.params),
          stands: isGone,
          write: (seen) => of.delete.write(call, seen ?? undefined),
        },
      );
      requireConfirmed(unconfirmed);
      if (outcome === "not_found") throw notFound(call.params, missing);
      return { status: 204 };
    },
  );
}

function wordsOf({ summary, description }: Words): Words {
  return description === undefined ? { summary } : { summary, description };
}
