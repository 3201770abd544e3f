import type { Chain } from "lead-router";
import type { Lead } from "../../../src/rules/lead.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import { insertLead } from "../../../src/record/leads.ts";
import { PodCore } from "../../../src/pod/pod.ts";
import type { PodPort } from "../../../src/ports/pod.ts";
import type { MemberValues } from "../../../src/roster/members.ts";
import type { RepValues } from "../../../src/roster/reps.ts";
import { putMember } from "../../../src/roster/members.ts";
import { putRep } from "../../../src/roster/reps.ts";
import { routingPass } from "../../../src/routing/pass.ts";
import { rows } from "../../../src/lib/query.ts";
import { readStory } from "../../../src/record/lead-story.ts";
import { leadOf } from "../../intake/api/fakes.ts";
import { MemoryPodStorage } from "../../pod/memory-storage.ts";
import { NOW, openWorld } from "../../roster/roster-world.ts";
import { apiClient } from "./api-client.ts";

const A_REP: RepValues = {
  name: "A rep",
  email: null,
  slackUserId: null,
  timeZone: "UTC",
  workingHours: null,
  dailyCap: null,
};
const A_MEMBER: MemberValues = { weight: 1, dailyCap: null, openCap: null };

/** A router in one process: its API, its database and a real pod for every pod of the chain. */
export function openLiveRouter(chain: Chain) {
  const world = openWorld();
  const clock = { now: NOW };
  const storages = new Map(chain.pods.map(({ id }) => [id, new MemoryPodStorage()]));
  const cores = new Map(
    chain.pods.map((pod) => [
      pod.id,
      new PodCore(
        pod,
        storages.get(pod.id) ?? new MemoryPodStorage(),
        () => clock.now,
        async () => ({ claims: new Map(), over: [] }),
        null,
      ),
    ]),
  );
  const deps: Deps = {
    ...world.deps,
    chain,
    now: () => clock.now,
    notifications: { send: async () => {} },
    pod: (podId) => portOf(cores.get(podId), world.down.has(podId)),
  };
  let leads = 0;

  return {
    ...world,
    deps,
    clock,
    call: apiClient(deps),
    /** A rep who is in these pods, from now on. */
    async addRep(
      id: string,
      pods: Readonly<Record<string, Partial<MemberValues>>>,
      values: Partial<RepValues> = {},
    ) {
      await putRep(deps, "ana", id, { ...A_REP, ...values });
      for (const [podId, settings] of Object.entries(pods))
        await putMember(deps, "ana", podId, id, { ...A_MEMBER, ...settings });
    },
    /** Stores a lead that came in now. */
    async addLead(changes: Partial<Lead> = {}): Promise<Lead> {
      const lead = leadOf(smallestLeadId(clock.now + ++leads), {
        receivedAt: clock.now,
        ...changes,
      });
      await rows(deps.db, insertLead(lead, null));
      return lead;
    },
    /** Routes a stored lead by a real pass and yields the decision; undefined when it waits. */
    async route({ id }: Pick<Lead, "id">, generation = 1) {
      const unfinished = await routingPass(deps, [{ leadId: id, generation, attempts: 1 }]);
      if (unfinished.size > 0) throw new Error("the lead could not be routed");
      const story = await readStory(deps.db, id);
      return story?.decisions.find((decision) => decision.generation === generation);
    },
    /** Everything that is stored, in D1 and in the pods, as text. */
    dump(): string {
      const tables = world.db.sqlite
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .all()
        .map(({ name }) => world.db.sqlite.prepare(`SELECT * FROM "${String(name)}"`).all());
      const pods = [...storages.values()].map((storage) => [
        storage.readState(),
        storage.readRoster(),
        storage.rowsFrom(0),
        storage.alarmAt,
        [...storage.debits],
      ]);
      return JSON.stringify([tables, pods]);
    },
  };
}

/** A pod as its callers reach it: values are copied on the way, as RPC does. */
function portOf(core: PodCore | undefined, down: boolean): PodPort {
  const call = async <Result>(step: (core: PodCore) => Result): Promise<Result> => {
    if (down || core === undefined) throw new Error("Network connection lost.");
    return structuredClone(step(core));
  };
  return {
    claim: (request) => call((pod) => pod.claim(structuredClone(request))),
    catchUp: () => Promise.reject(new Error("nothing is restored here")),
    accept: (roster) => call((pod) => pod.accept(structuredClone(roster))),
    giveBack: (seqs) => call((pod) => pod.giveBack(seqs)),
    release: (seqs) => call((pod) => pod.release(seqs)),
    debit: (debits) => call((pod) => pod.debit(debits)),
    preview: (request) => call((pod) => pod.preview(structuredClone(request))),
    snapshot: () => call((pod) => pod.snapshot()),
  };
}
