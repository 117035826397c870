import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../database.ts";
import { migrate, readMigrations } from "./migrations.ts";
import { PostgresDatabase } from "./pool.ts";
import { createStarter } from "./starter.ts";

const TEMPLATE = "template_of_tests";

/** One throw-away server for a test file, and a fresh migrated database for each test that asks. Not durable. */
export interface TestCluster {
  /** A fresh database, closed with the cluster at the latest. */
  fresh(): Promise<Database>;
  /** A second way into the database last given by `fresh`: another process, as it were. */
  again(): Promise<Database>;
  close(): Promise<void>;
}

export async function startTestCluster(): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), "mingjian-database-"));
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const starter = createStarter({
    folder,
    settings: { fsync: "off", full_page_writes: "off", synchronous_commit: "off", autovacuum: "off", max_connections: "500" },
  });
  const opened: PostgresDatabase[] = [];
  const config = await starter.ensure();
  let count = 0;

  async function open(name: string): Promise<PostgresDatabase> {
    const database = new PostgresDatabase({ config: { ...config, database: name } });
    await database.connect();
    opened.push(database);
    return database;
  }

  async function close(): Promise<void> {
    for (const database of opened) await database.close();
    await starter.stop();
    await rm(folder, { recursive: true, force: true });
  }

  try {
    const main = await open("mingjian");
    await main.query(`create database ${TEMPLATE}`);
    const template = await open(TEMPLATE);
    await migrate(template, await readMigrations());
    await template.close();
    return {
      async fresh() {
        count += 1;
        await main.query(`create database fresh_${count} template ${TEMPLATE} strategy file_copy`);
        return open(`fresh_${count}`);
      },
      again: () => open(`fresh_${count}`),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
