import { readdir, readFile } from "node:fs/promises";

/** The kernel counts CPU time in ticks of 10 ms (`getconf CLK_TCK` is 100 on every Linux). */
const TICK_MS = 10;

/**
 * CPU time in milliseconds that the workerd processes below this one have used so far; null where there is no /proc. It is all
 * of workerd: the Worker and, in the same process locally, D1 and the Durable Objects.
 */
export async function readWorkerdCpu(): Promise<number | null> {
  const processes = await readProcesses();
  if (processes.length === 0) return null;
  const parentOf = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || isOurs(parentOf.get(pid)));
  return processes
    .filter(({ name, pid }) => name === "workerd" && isOurs(pid))
    .reduce((sum, { ticks }) => sum + ticks * TICK_MS, 0);
}

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly ticks: number;
}

async function readProcesses(): Promise<Process[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    pids.map(async (pid) => {
      // A process may have ended meanwhile.
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
      return stat === null ? [] : [parseStat(stat)];
    }),
  );
  return processes.flat();
}

/** One line of proc(5): pid, name in brackets, state, parent, …, and user and system time as fields 14 and 15. */
export function parseStat(stat: string): Process {
  const [open, close] = [stat.indexOf("("), stat.lastIndexOf(")")];
  const rest = stat.slice(close + 2).split(" ");
  return {
    pid: Number(stat.slice(0, open)),
    name: stat.slice(open + 1, close),
    parent: Number(rest[1]),
    ticks: Number(rest[11]) + Number(rest[12]),
  };
}
