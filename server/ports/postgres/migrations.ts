import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { Fault, assert } from "@mingjian/vocab";
import type { Database } from "../database.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly sql: string;
}

/** Where the numbered SQL files lie. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations/", import.meta.url));
const FILE = /^(\d{4})-([a-z0-9-]+)\.sql$/;
/** Any number, the same for every Mingjian: one migrates, the others wait. */
const LOCK = 7_224_011;

export async function readMigrations(folder: string = MIGRATIONS_FOLDER): Promise<readonly Migration[]> {
  const migrations: Migration[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const parts = FILE.exec(file);
    if (parts === null) continue;
    const sql = await readFile(join(folder, file), "utf8");
    migrations.push({ number: Number(parts[1]), name: parts[2] ?? "", checksum: createHash("sha256").update(sql).digest("hex"), sql });
  }
  migrations.forEach((migration, at) => assert(migration.number === at + 1, `migration ${migration.number} is out of line`));
  return migrations;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings the schema to what this program knows, each file in one transaction. Gives how many were applied.
 * @throws Fault `database-newer` when the database knows more than the program; `database-differs` when an applied
 * file is not the one this program brings; nothing is changed then.
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<number> {
  await database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await tx.query(
      "create table if not exists migrations (number int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())",
    );
  });
  let count = 0;
  for (const migration of migrations) {
    count += await database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
      const applied = await tx.query<Applied>("select number, name, checksum from migrations order by number");
      refuse(applied, migrations);
      if (applied.some((one) => one.number === migration.number)) return 0;
      await tx.query(migration.sql);
      await tx.query("insert into migrations (number, name, checksum) values ($1, $2, $3)", [migration.number, migration.name, migration.checksum]);
      return 1;
    });
  }
  return count;
}

function refuse(applied: readonly Applied[], known: readonly Migration[]): void {
  for (const one of applied) {
    const ours = known.find((migration) => migration.number === one.number);
    if (ours === undefined) {
      throw new Fault("database-newer", `The database has migration ${one.number} (${one.name}), which this program does not know.`, {
        found: one.number,
        known: known.length,
      });
    }
    if (ours.checksum !== one.checksum) {
      throw new Fault("database-differs", `Migration ${one.number} (${one.name}) was applied with other content.`, { number: one.number, name: one.name });
    }
  }
}
