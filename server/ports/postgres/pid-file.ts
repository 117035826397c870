import { readFile, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** `postmaster.pid`, as PostgreSQL writes it (src/include/utils/pidfile.h): one fact a line. */
export interface PidFile {
  readonly pid: number;
  readonly socketFolder: string;
}

export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(cluster, "postmaster.pid"), "utf8");
  } catch {
    return undefined;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  return { pid: Number.isInteger(pid) ? pid : 0, socketFolder: lines[4]?.trim() ?? "" };
}

/** The pid lives, is no zombie, and works in this cluster's folder: not a recycled number. */
export async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (pid <= 1) return false;
  try {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    const state = status.slice(status.lastIndexOf(")") + 2, status.lastIndexOf(")") + 3);
    if (state === "Z" || state === "X") return false;
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster));
  } catch {
    return false;
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
