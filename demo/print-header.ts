import type { Chain } from "../src/rules/chain.ts";
import { wrapToWidth, WIDTH } from "./columns.ts";
import { paint } from "./terminal.ts";

/** What this is, and what runs where. */
export function renderHeader(): string[] {
  return [
    "",
    `${paint(["bold", "cyan"], "lead-router")}  routes each lead to the right rep, exactly once, and can say why`,
    paint("dim", "─".repeat(WIDTH)),
    `${paint("bold", "here")}   the worker on workerd, with D1, queues and a Durable Object per pod; a stand-in for Slack;`,
    "       a fresh database, gone when this ends; nothing leaves this machine",
  ];
}

/** The rules in the order they are tried, each with its pod. */
export function renderRules({ rules, version }: Chain): string[] {
  const names = rules.map(({ name, pod }) => (pod === null ? name : `${name} → ${pod.id}`));
  const [first = "", ...more] = wrapToWidth(names.join("  ›  "), WIDTH - 7);
  return [
    `${paint("bold", "rules")}  ${first}`,
    ...more.map((line) => `       ${line}`),
    paint("dim", `       rules.ts, version ${version}: the first that finds a rep takes the lead`),
  ];
}
