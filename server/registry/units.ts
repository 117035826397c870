import { Fault } from "@mingjian/vocab";
import type { UnitId, UtcMs } from "@mingjian/vocab";
import type { Database, Queries } from "../ports/index.ts";
import { bad, checkId, checkName } from "./checks.ts";
import { differences, writeHistory } from "./history.ts";
import type { NewUnit, RegistryWriter, Unit } from "./model.ts";
import { UNIT_DEPTH_MAX } from "./reader.ts";
import { UNIT_COLUMNS, unitOf } from "./rows.ts";
import type { UnitRow } from "./rows.ts";

interface Means {
  readonly database: Database;
  readonly now: () => UtcMs;
  readonly newId: () => string;
}

type UnitWriter = Pick<RegistryWriter, "addUnit" | "changeUnit" | "removeUnit">;

export function createUnitWriter({ database, now, newId }: Means): UnitWriter {
  return {
    async addUnit(input, by) {
      const unit = checked(input, input.id === undefined ? newId() : checkId(input.id));
      return database.transaction(async (tx) => {
        const at = now();
        const [row] = await tx.query<UnitRow>(
          `insert into units (id, name, kind, parent, demo, created_ms) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing returning ${UNIT_COLUMNS}`,
          [unit.id, unit.name, unit.kind, await existingParent(tx, unit.parent, unit.id), unit.demo, at],
        );
        if (row === undefined) return sameOrConflict(await readUnit(tx, unit.id), unit);
        await writeHistory(tx, at, by, {
          kind: "unit",
          subject: row.id,
          action: "added",
          fields: differences({}, { name: row.name, kind: row.kind, parent: row.parent }),
        });
        return unitOf(row);
      });
    },

    changeUnit: (id, change, by) =>
      database.transaction(async (tx) => {
        const before = await readUnit(tx, id);
        if (before.version !== change.version) throw stale(id);
        const name = change.name === undefined ? before.name : checkName(change.name);
        const parent = change.parent === undefined ? before.parent : await existingParent(tx, change.parent, id);
        const fields = differences({ name: before.name, parent: before.parent }, { name, parent });
        const [row] = await tx.query<UnitRow>(`update units set name = $2, parent = $3, version = version + 1 where id = $1 returning ${UNIT_COLUMNS}`, [
          id,
          name,
          parent,
        ]);
        if (row === undefined) throw missing(id);
        await writeHistory(tx, now(), by, { kind: "unit", subject: id, action: "changed", fields });
        return unitOf(row);
      }),

    removeUnit: (id, version, by) =>
      database.transaction(async (tx) => {
        const before = await readUnit(tx, id);
        if (before.version !== version) throw stale(id);
        const [used] = await tx.query(
          "select 1 from units where parent = $1 union all select 1 from cameras where unit = $1 union all select 1 from users where unit = $1 limit 1",
          [id],
        );
        if (used !== undefined) throw new Fault("conflict", `Unit ${id} still has units, cameras or users.`, { unit: id });
        await tx.query("delete from units where id = $1", [id]);
        await writeHistory(tx, now(), by, {
          kind: "unit",
          subject: id,
          action: "removed",
          fields: differences({ name: before.name, kind: before.kind, parent: before.parent }, {}),
        });
      }),
  };
}

function checked(input: NewUnit, id: string): Required<Omit<NewUnit, "id">> & { readonly id: string } {
  if (input.kind !== "operator" && input.kind !== "authority") throw bad("/kind", "A unit is an operator or an authority.");
  return { id, name: checkName(input.name), kind: input.kind, parent: input.parent, demo: input.demo ?? false };
}

async function readUnit(tx: Queries, id: string): Promise<UnitRow> {
  const [row] = await tx.query<UnitRow>(`select ${UNIT_COLUMNS} from units where id = $1 for update`, [id]);
  if (row === undefined) throw missing(id);
  return row;
}

/** The tree stays a tree, and no deeper than UNIT_DEPTH_MAX. */
async function existingParent(tx: Queries, parent: string | null, self: string): Promise<string | null> {
  // One writer of the tree at a time: two moves that are each right could close a ring together.
  await tx.query("select pg_advisory_xact_lock(7224013)");
  let depth = 1;
  for (let above: string | null = parent; above !== null; depth += 1) {
    if (above === self) throw bad("/parent", "A unit cannot stand below itself.");
    if (depth >= UNIT_DEPTH_MAX) throw bad("/parent", `The tree would be deeper than ${UNIT_DEPTH_MAX}.`);
    const rows: readonly { readonly parent: string | null }[] = await tx.query("select parent from units where id = $1", [above]);
    const [row] = rows;
    if (row === undefined) throw bad("/parent", `There is no unit ${above}.`);
    above = row.parent;
  }
  return parent;
}

function sameOrConflict(row: UnitRow, wanted: { readonly id: string; readonly name: string; readonly kind: string; readonly parent: string | null }): Unit {
  if (row.name === wanted.name && row.kind === wanted.kind && row.parent === wanted.parent) return unitOf(row);
  throw new Fault("conflict", `There is another unit ${wanted.id} already.`, { unit: wanted.id });
}

function stale(id: UnitId | string): Fault {
  return new Fault("conflict", `Somebody else changed unit ${id} meanwhile.`, { unit: id });
}

function missing(id: string): Fault {
  return new Fault("not-found", `There is no unit ${id}.`, { unit: id });
}
