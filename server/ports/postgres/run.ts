import { spawn } from "node:child_process";
import type { Account } from "./account.ts";

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

const OUTPUT_BYTES_MAX = 16_384;

export function accountOptions(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs a program to its end and gives what it said; code null: it could not be started or was killed. */
export function run(command: string, args: readonly string[], options: { account: Account | undefined; env: NodeJS.ProcessEnv; cwd: string }): Promise<Ran> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, [...args], {
      ...accountOptions(options.account),
      env: options.env,
      cwd: options.cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-OUTPUT_BYTES_MAX);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ code: null, output: `${output}${error.message}` }));
    child.on("close", (code) => resolve({ code, output }));
  });
}
