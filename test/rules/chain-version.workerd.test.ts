import { expect, test } from "vitest";
import { pinnedChain, PINNED_VERSION } from "./pinned-chain.ts";

test("workerd gives a chain the version that Node gives it", () => {
  expect(pinnedChain().version).toBe(PINNED_VERSION);
});
