import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** The person at the terminal. */
export interface Terminal {
  readonly ask: (question: string) => Promise<string>;
  /** The same, and what is typed is not shown: it is a secret. */
  readonly askHidden: (question: string) => Promise<string>;
}

export const terminal: Terminal = {
  ask: async (question) => await askOnce(question, false),
  askHidden: async (question) => await askOnce(question, true),
};

async function askOnce(question: string, hidden: boolean): Promise<string> {
  // readline repeats what is typed on its output: a secret's goes nowhere.
  const output = hidden
    ? new Writable({ write: (_chunk, _encoding, done) => done() })
    : process.stdout;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C: readline would end the question and leave the program waiting for nothing.
  lines.once("SIGINT", () => {
    process.stdout.write("\n");
    process.exit(130);
  });
  try {
    if (hidden) process.stdout.write(question);
    const answer = await lines.question(hidden ? "" : question);
    if (hidden) process.stdout.write("\n");
    return answer.trim();
  } finally {
    lines.close();
  }
}
