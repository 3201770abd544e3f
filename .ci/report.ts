import { readFileSync } from "node:fs";

// Prints CI's last line from the test runner's report. A test file that does not load adds nothing to the
// failed tests, so it is counted as one failure.

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

const report = JSON.parse(
  readFileSync(new URL("../test/report.json", import.meta.url), "utf8"),
) as Report;
const unloaded = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
).length;
const failed = report.numFailedTests + unloaded;
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = report.success && failed === 0 && report.numPassedTests > 0 ? 0 : 1;
