import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { Fault } from "@mingjian/vocab";
import type { Account } from "./account.ts";
import { chooseAccount } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import type { Binaries } from "./binaries.ts";
import { exists, readPidFile, servesCluster } from "./pid-file.ts";
import { accountOptions, run } from "./run.ts";

export const DATABASE_NAME = "mingjian";
const SUPERUSER = "mingjian";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
/** A socket's path may have 107 bytes; this leaves room for the file name. */
const SOCKET_FOLDER_BYTES_MAX = 80;
const SOCKET_FOLDER = /\/mj-[A-Za-z0-9]{6}$/;
const LOG_BYTES_MAX = 8_192;

/** Fitted to one machine that mostly records: small, with the slow parts off. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "60",
  shared_buffers: "64MB",
  work_mem: "8MB",
  maintenance_work_mem: "64MB",
  max_wal_size: "512MB",
  min_wal_size: "64MB",
  io_method: "sync",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_destination: "stderr",
  logging_collector: "off",
  log_min_messages: "warning",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  max_worker_processes: "4",
  max_parallel_workers: "2",
  autovacuum_max_workers: "1",
  huge_pages: "off",
  cluster_name: "mingjian",
};

export interface StarterOptions {
  /** Everything of the database lies below it. Made when missing. */
  readonly folder: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** A line worth a log: warnings of the server, a shared account. */
  readonly log?: (line: string) => void;
  /** Under which account; for tests. */
  readonly account?: Account | "own";
}

/** The server as a child process: started, adopted when one of this cluster already runs, stopped by SIGINT. */
export interface Starter {
  /** Brings it up when it is not; gives the way to it. Safe to call again. */
  ensure(): Promise<pg.ClientConfig>;
  /** Stops it when it is ours; an adopted one stays. */
  stop(): Promise<void>;
}

export function createStarter(options: StarterOptions): Starter {
  const folder = resolve(options.folder);
  const cluster = join(folder, "cluster");
  const log = options.log ?? (() => undefined);
  const account = options.account === "own" ? undefined : (options.account ?? chooseAccount(process.getuid?.() ?? 1));
  let binaries: Binaries | undefined;
  let child: ChildProcess | undefined;
  let recent = "";
  let ensuring: Promise<pg.ClientConfig> | undefined;

  async function prepare(): Promise<Binaries> {
    await mkdir(folder, { recursive: true, mode: account === undefined ? 0o700 : 0o711 });
    if (account !== undefined) await chmod(folder, 0o711);
    const found = await findBinaries(folder, account);
    if (account?.shared === true) {
      log(
        `PostgreSQL runs under the account ${account.name}, as this is root: other programs of that account could open its socket. Add a user "mingjian" to keep it apart.`,
      );
    }
    return found;
  }

  async function ensureOnce(): Promise<pg.ClientConfig> {
    binaries ??= await prepare();
    const adopted = await adopt(cluster);
    if (adopted !== undefined) return adopted;
    await initialise(folder, cluster, binaries, account);
    const sockets = await makeSocketFolder(folder, account);
    recent = "";
    const started = launch(binaries, cluster, sockets, account, { ...SETTINGS, ...options.settings }, (text) => {
      recent = (recent + text).slice(-LOG_BYTES_MAX);
      for (const line of text.split("\n")) if (/ (?:WARNING|ERROR|FATAL|PANIC): /.test(line)) log(`postgres: ${line}`);
    });
    child = started;
    started.on("exit", () => {
      if (child === started) child = undefined;
      void rm(sockets, { recursive: true, force: true });
    });
    return untilAnswers(started, sockets, () => recent);
  }

  return {
    ensure() {
      ensuring ??= ensureOnce().finally(() => {
        ensuring = undefined;
      });
      return ensuring;
    },
    async stop() {
      await ensuring?.catch(() => undefined);
      const running = child;
      if (running === undefined || running.exitCode !== null) return;
      const gone = new Promise<void>((done) => running.once("exit", () => done()));
      running.kill("SIGINT");
      const late = setTimeout(() => running.kill("SIGQUIT"), STOP_TIMEOUT_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

function configAt(socketFolder: string): pg.ClientConfig {
  return { host: socketFolder, port: 5432, user: SUPERUSER, database: DATABASE_NAME };
}

/**
 * The way to a server that already runs on this cluster; undefined when none does, with the traces of a dead one
 * removed. A server that is on its way down (its parent was killed) is waited for.
 */
async function adopt(cluster: string): Promise<pg.ClientConfig | undefined> {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += POLL_MS) {
    const found = await readPidFile(cluster);
    if (found === undefined) return undefined;
    if (!(await servesCluster(found.pid, cluster))) {
      await rm(join(cluster, "postmaster.pid"), { force: true });
      if (SOCKET_FOLDER.test(found.socketFolder)) await rm(found.socketFolder, { recursive: true, force: true });
      return undefined;
    }
    const config = configAt(found.socketFolder);
    if (await answers(config)) return config;
    await sleep(POLL_MS);
  }
  throw new Fault("database-away", `A PostgreSQL server runs on ${cluster} but does not answer.`, { cause: "does not answer" });
}

async function answers(config: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Step 1 of a cluster's life: made under another name, renamed when whole. A crash before the rename leaves a folder that the next start removes. */
async function initialise(folder: string, cluster: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  await removeLeftovers(folder);
  if (await exists(join(cluster, "PG_VERSION"))) {
    const version = (await readFile(join(cluster, "PG_VERSION"), "utf8")).trim();
    if (version === binaries.version) return;
    throw new Fault("data-folder-newer", `${cluster} belongs to PostgreSQL ${version}; this program brings ${binaries.version}.`, {
      found: version,
      known: binaries.version,
    });
  }
  const fresh = join(folder, `cluster.new-${process.pid}`);
  await mkdir(fresh, { mode: 0o700 });
  if (account !== undefined) await chown(fresh, account.uid, account.gid);
  const args = [
    "-D",
    ".",
    "-U",
    SUPERUSER,
    "-E",
    "UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=reject",
  ];
  // The account may not enter the folders above: /proc/self/cwd leads to the folder we stand in without passing them.
  args[1] = "/proc/self/cwd";
  const made = await run(binaries.initdb, args, { account, env: { ...binaries.env, PGDATA: "" }, cwd: fresh });
  if (made.code !== 0) {
    await rm(fresh, { recursive: true, force: true });
    throw new Fault("database-away", `PostgreSQL's cluster could not be made: ${made.output.slice(-500)}`, { cause: "initdb failed" });
  }
  await bootstrap(binaries, fresh, account);
  await rename(fresh, cluster).catch(async (error: unknown) => {
    if (!(await exists(join(cluster, "PG_VERSION")))) throw error;
    await rm(fresh, { recursive: true, force: true });
  });
}

/** The database named as the program, made while nobody else can connect. */
async function bootstrap(binaries: Binaries, fresh: string, account: Account | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const single = spawn(binaries.postgres, ["--single", "-j", "-D", "/proc/self/cwd", "postgres"], {
      ...accountOptions(account),
      env: binaries.env,
      cwd: fresh,
      stdio: ["pipe", "ignore", "ignore"],
    });
    single.on("error", reject);
    single.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`postgres --single ended with ${code}`))));
    single.stdin.end(`create database ${DATABASE_NAME};\n\n`);
  });
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^(?:cluster|postgresql)\.new-(\d+)$/.exec(name)?.[1];
    if (pid === undefined) continue;
    if (Number(pid) !== process.pid && (await exists(`/proc/${pid}`))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** A fresh folder for the socket. Its name is noted, so that the one of a killed run is taken away here. */
async function makeSocketFolder(folder: string, account: Account | undefined): Promise<string> {
  const note = join(folder, "socket-folder");
  const old = await readFile(note, "utf8").catch(() => "");
  if (SOCKET_FOLDER.test(old)) await rm(old, { recursive: true, force: true });
  const base = Buffer.byteLength(tmpdir()) > SOCKET_FOLDER_BYTES_MAX ? "/tmp" : tmpdir();
  const sockets = await mkdtemp(join(base, "mj-"));
  if (account !== undefined) await chown(sockets, account.uid, account.gid);
  await writeFile(note, sockets);
  return sockets;
}

function launch(
  binaries: Binaries,
  cluster: string,
  sockets: string,
  account: Account | undefined,
  settings: Readonly<Record<string, string>>,
  said: (text: string) => void,
): ChildProcess {
  const args = ["-D", "/proc/self/cwd", "-k", sockets, ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`])];
  const options = { ...accountOptions(account), env: binaries.env, cwd: cluster, stdio: ["ignore", "ignore", "pipe"] as ["ignore", "ignore", "pipe"] };
  // setpriv (util-linux) makes the kernel send SIGINT when this process dies, however it dies.
  const child = spawn("setpriv", ["--pdeathsig", "INT", binaries.postgres, ...args], options);
  child.stderr.on("data", (chunk: Buffer) => said(chunk.toString("utf8")));
  child.on("error", (error) => said(error.message));
  return child;
}

async function untilAnswers(child: ChildProcess, sockets: string, recent: () => string): Promise<pg.ClientConfig> {
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  child.on("error", () => {
    ended = true;
  });
  const config = configAt(sockets);
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS && !ended; waitedMs += POLL_MS) {
    if ((await exists(join(sockets, ".s.PGSQL.5432"))) && (await answers(config))) return config;
    await sleep(POLL_MS);
  }
  child.kill("SIGINT");
  throw new Fault("database-away", `PostgreSQL does not start: ${recent().slice(-500)}`, { cause: "does not start" });
}
