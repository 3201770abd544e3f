import type { Figure, Section } from "../../bench/bench.ts";
import type { Report, Result } from "../../bench/report/report.ts";

/** A figure, unless overridden: 100 requests/s in rounds of 90 to 105. */
export function figureOf(changes: Partial<Figure> = {}): Figure {
  return {
    name: "the door",
    unit: "requests/s",
    value: 100,
    spread: { min: 90, max: 105, rounds: 5 },
    ...changes,
  };
}

export function sectionOf(changes: Partial<Section> = {}): Section {
  return { title: "Intake", intro: "Posts leads.", figures: [], limits: [], ...changes };
}

export function reportOf(...results: readonly Result[]): Report {
  return {
    date: "2026-11-23T02:30:00.000Z",
    command: "npm run bench",
    machine: {
      cpu: "Tin 3000",
      cores: 2,
      memoryGiB: 8,
      os: "Linux 6.1",
      node: "24.21.0",
      workerd: "1.20261023.1",
      wrangler: "4.155.0",
      commit: "abc1234",
    },
    results,
  };
}
