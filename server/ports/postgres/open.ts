import { Fault, isFault } from "@mingjian/vocab";
import type { Database } from "../database.ts";
import { errorCode } from "./errors.ts";
import { migrate, readMigrations } from "./migrations.ts";
import { PostgresDatabase } from "./pool.ts";
import { createStarter } from "./starter.ts";

/** A server somewhere (`postgres://user:password@host/database`), or one of our own in a folder. */
export type DatabaseAt = { readonly url: string } | { readonly folder: string };

export interface OpenOptions {
  /** A line worth a log. Never holds the URL. */
  readonly log?: (line: string) => void;
  /** Further server settings for the embedded server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Bring the schema up to date first; true unless said otherwise. */
  readonly migrate?: boolean;
}

/**
 * Opens the database: connects, starts the embedded server where it is ours, migrates.
 * @throws Fault `database-away`, `database-newer`, `database-differs`, `data-folder-newer`, `bad-settings` (a URL that is none).
 */
export async function openDatabase(at: DatabaseAt, options: OpenOptions = {}): Promise<Database> {
  const database = "url" in at ? atUrl(at.url) : await inFolder(at.folder, options);
  try {
    await database.connect();
    await refuseOld(database);
    if (options.migrate !== false) await migrate(database, await readMigrations());
    return database;
  } catch (error) {
    await database.close();
    throw "url" in at ? refusedByServer(error) : error;
  }
}

/** The oldest server that the migrations and queries are tried with is 15. */
const SERVER_VERSION_MIN = 150_000;

async function refuseOld(database: Database): Promise<void> {
  const [row] = await database.query<{ version: number }>("select current_setting('server_version_num')::int as version");
  if ((row?.version ?? 0) >= SERVER_VERSION_MIN) return;
  throw new Fault("bad-settings", `The database server is older than PostgreSQL ${SERVER_VERSION_MIN / 10_000}.`, {
    key: "databaseUrl",
    found: row?.version ?? null,
  });
}

/** Wrong user, password, database or rights (SQLSTATE 28*, 3D000, 42501): the address in the settings is wrong, not the database away. */
function refusedByServer(error: unknown): unknown {
  const code = errorCode(error) ?? "";
  if (!/^(?:28...|3D000|42501)$/.test(code)) return error;
  const message = error instanceof Error ? error.message : code;
  return new Fault("bad-settings", `DATABASE_URL: the server refuses it (${message}).`, { key: "databaseUrl", cause: code }, { cause: error });
}

function atUrl(url: string): PostgresDatabase {
  if (!/^postgres(?:ql)?:\/\//.test(url)) {
    throw new Fault("bad-settings", "DATABASE_URL must begin with postgres://", { key: "databaseUrl" });
  }
  return new PostgresDatabase({ config: { connectionString: url } });
}

async function inFolder(folder: string, options: OpenOptions): Promise<PostgresDatabase> {
  const starter = createStarter({
    folder,
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  try {
    const config = await starter.ensure();
    return new PostgresDatabase({ config, revive: () => starter.ensure(), stop: () => starter.stop() });
  } catch (error) {
    await starter.stop();
    if (isFault(error)) throw error;
    throw new Fault(
      "database-away",
      `The built-in PostgreSQL does not start: ${error instanceof Error ? error.message : String(error)}`,
      { cause: "does not start" },
      { cause: error },
    );
  }
}
