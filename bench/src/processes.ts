import { readFileSync, readdirSync } from "node:fs";

/** Linux counts processor time in ticks of this many a second (USER_HZ). */
const TICKS_PER_SECOND = 100;
const KB_PER_MB = 1000 / 1.024;

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of its children that ended, in seconds. */
  readonly cpuSeconds: number;
}

function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything, so the fields are counted from its end: state is the first.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const ticks = (fields[11] ?? 0) + (fields[12] ?? 0) + (fields[13] ?? 0) + (fields[14] ?? 0);
    return { pid, parent: fields[1] ?? 0, cpuSeconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** The processes `roots` and all below them. */
export function familyOf(roots: readonly number[]): number[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (factsOf(Number(name)) ?? []) : []));
  const family = new Set(roots);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (!family.has(pid) && family.has(parent)) {
        family.add(pid);
        grown = true;
      }
    }
  }
  return [...family];
}

/** User and system seconds of these processes so far. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (factsOf(pid)?.cpuSeconds ?? 0), 0);
}

/** Proportional share of memory (shared pages divided among those who share them), in megabytes of 1,000,000 bytes. */
export function pssMbOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const kb = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
      return sum + Number(kb ?? 0) / KB_PER_MB;
    } catch {
      return sum;
    }
  }, 0);
}

/** Pids below `root` whose command line holds `word`. */
export function findBelow(root: number, word: string): number[] {
  return familyOf([root]).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(word);
    } catch {
      return false;
    }
  });
}
