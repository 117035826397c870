import type { ChildProcess, SpawnOptions } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

export const ROOT = path.resolve(import.meta.dirname, "../..");
const STOP_TIMEOUT_MS = 30_000;

export function isInstalled(program: string): boolean {
  return spawnSync(program, ["-version"], { stdio: "ignore" }).error === undefined;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

/** A child that does not outlive this process. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], cwd: ROOT, ...options });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Waits for the end of what is about to end; what does not is killed. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await once(child, "exit");
  clearTimeout(timer);
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  child.kill(signal);
  await ended(child);
}

/** The first line of standard output for which `wanted` gives an answer. Later lines are read and dropped. */
export function lineOf<Answer>(child: ChildProcess, what: string, wanted: (line: string) => Answer | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { stdout } = child;
    if (stdout === null) throw new Error("no standard output");
    child.once("exit", (code) => reject(new Error(`${what} ended with ${code}`)));
    child.once("error", reject);
    createInterface({ input: stdout }).on("line", (line) => {
      const answer = wanted(line);
      if (answer !== undefined) resolve(answer);
    });
  });
}

export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("the process did not start");
  return child.pid;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
