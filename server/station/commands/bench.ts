import { spawn } from "node:child_process";
import path from "node:path";
import type { Io } from "./io.ts";
import { PROGRAM_ROOT } from "./io.ts";

/** Runs `bench/src/main.ts` in a process of its own, so that what it measures is not this one. */
export async function benchCommand(args: string[], io: Io): Promise<number> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path.join(PROGRAM_ROOT, "bench/src/main.ts"), ...args], { stdio: "inherit" });
  return new Promise((resolve) => {
    child.on("error", (error) => {
      io.err(`${error.message}\n`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
