import { expect, it } from "vitest";
import { apiClient } from "../api/api-client.ts";
import { LONG_AGO, openArchive } from "../../archive/past.ts";

it.each(['["x"]', '[["decision"], {"event": 1}, null, 5]', "{}", '"decision"'])(
  "a commit whose keys somebody made %s goes into the archive with the others",
  async (keys) => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 30);
    world.db.sqlite
      .prepare("INSERT INTO commits VALUES ((SELECT max(no) + 1 FROM commits), ?, ?)")
      .run(LONG_AGO + 1_000, keys);
    world.past.addToday();
    await world.closeDays();
    await world.tend();
    expect(world.count("commits")).toBe(1);
    expect(world.bucket.parts("audit")).toHaveLength(1);
    const { json }: any = await apiClient(world.deps)("GET", "/audit/verify?day=2026-08-14");
    const differences = json.differences.map(({ kind }: { kind: string }) => kind);
    expect(differences.filter((kind: string) => kind !== "row_missing")).toEqual([]);
  },
);
