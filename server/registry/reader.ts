import type { CameraId, UnitId } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import type { Change, RegistryReader } from "./model.ts";
import { CAMERA_COLUMNS, UNIT_COLUMNS, cameraOf, changeOf, unitOf } from "./rows.ts";
import type { CameraRow, ChangeRow, UnitRow } from "./rows.ts";

export const CHANGES_PAGE_MAX = 200;
/** Deeper trees are refused when written. */
export const UNIT_DEPTH_MAX = 16;

const WITHIN = `with recursive within as (
    select id, kind, 1 as depth from units where id = $1
    union all
    select u.id, u.kind, w.depth + 1 from units u join within w on u.parent = w.id
    where w.kind = 'operator' and u.kind = 'operator' and w.depth < ${UNIT_DEPTH_MAX}
  )`;

export function createReader(database: Queries): RegistryReader {
  return {
    async units() {
      return (await database.query<UnitRow>(`select ${UNIT_COLUMNS} from units order by name, id`)).map(unitOf);
    },
    async unit(id) {
      const [row] = await database.query<UnitRow>(`select ${UNIT_COLUMNS} from units where id = $1`, [id]);
      return row === undefined ? undefined : unitOf(row);
    },
    async cameras(units) {
      const rows = await database.query<CameraRow>(
        `select ${CAMERA_COLUMNS} from cameras c where c.removed_ms is null and ($1::text[] is null or c.unit = any($1)) order by c.name, c.id`,
        [units ?? null],
      );
      return rows.map(cameraOf);
    },
    async camera(id) {
      const [row] = await database.query<CameraRow>(`select ${CAMERA_COLUMNS} from cameras c where c.id = $1 and c.removed_ms is null`, [id]);
      return row === undefined ? undefined : cameraOf(row);
    },
    async unitsWithin(unit) {
      return (await database.query<{ id: string }>(`${WITHIN} select id from within`, [unit])).map((row) => row.id as UnitId);
    },
    async camerasWithin(unit) {
      const rows = await database.query<{ id: string }>(`${WITHIN} select c.id from cameras c join within w on c.unit = w.id order by c.id`, [unit]);
      return rows.map((row) => row.id as CameraId);
    },
    async cameraName(id) {
      return (await database.query<{ name: string }>("select name from cameras where id = $1", [id]))[0]?.name;
    },
    async changes(filter = {}): Promise<readonly Change[]> {
      const rows = await database.query<ChangeRow>(
        `select id, at_ms, by_whom, kind, subject, action, fields from registry_changes
         where ($1::text is null or subject = $1) and ($2::bigint is null or id < $2) order by id desc limit $3`,
        [filter.subject ?? null, filter.before ?? null, Math.max(1, Math.min(filter.limit ?? CHANGES_PAGE_MAX, CHANGES_PAGE_MAX))],
      );
      return rows.map(changeOf);
    },
  };
}
