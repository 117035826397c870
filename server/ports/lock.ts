import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { createServer } from "node:net";
import { Fault } from "@mingjian/vocab";

/** Held until released, or until the process ends in whatever way. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process alone. The lock is a listening socket in Linux's abstract namespace, named
 * after the folder's device and inode: the kernel frees it at any death, and it leaves no stale file.
 * It binds within one network namespace: two containers that share a folder do not see each other's.
 * @throws Fault `data-folder-in-use`
 */
export function lockFolder(path: string): Promise<FolderLock> {
  const { dev, ino } = statSync(path, { bigint: true });
  const name = createHash("sha256").update(`mingjian-folder\n${dev}\n${ino}\n`).digest("hex").slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code === "EADDRINUSE") reject(new Fault("data-folder-in-use", `another process works in ${path}`, { path }, { cause }));
      else reject(new Fault("disk-failed", `cannot lock ${path}: ${cause.code ?? "unknown"}`, { path }, { cause }));
    });
    server.listen(`\0mingjian-${name}`, () => {
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
