import { Fault } from "@mingjian/vocab";
import type { StreamRole, UtcMs } from "@mingjian/vocab";
import type { Database, Queries } from "../ports/index.ts";
import { bad, checkId, checkName, checkPosition } from "./checks.ts";
import { differences, writeHistory } from "./history.ts";
import type { Camera, CameraChange, NewCamera, RegistryWriter, SourceInput } from "./model.ts";
import type { SecretBox } from "./needs.ts";
import { CAMERA_COLUMNS, cameraOf } from "./rows.ts";
import type { CameraRow } from "./rows.ts";
import { readSource, sameUrlText, shownUrl } from "./source.ts";
import type { Source } from "./source.ts";
import { completeFrom, openSource, sealSource } from "./sources.ts";

interface Means {
  readonly database: Database;
  readonly now: () => UtcMs;
  readonly newId: () => string;
  readonly box: SecretBox;
}

type CameraWriter = Pick<RegistryWriter, "addCamera" | "changeCamera" | "removeCamera">;
type Sources = Readonly<Partial<Record<StreamRole, Source>>>;

export const CAMERAS_MAX = 2_000;

export function createCameraWriter({ database, now, newId, box }: Means): CameraWriter {
  return {
    async addCamera(input, by) {
      const id = input.id === undefined ? newId() : checkId(input.id);
      const sources: Sources = { main: readSource(input.main, "/main"), ...(input.sub === undefined ? {} : { sub: readSource(input.sub, "/sub") }) };
      const name = checkName(input.name);
      const position = checkPosition(input.position ?? "");
      return database.transaction(async (tx) => {
        await lockUrls(tx);
        const known = await readCamera(tx, id);
        if (known !== undefined) return sameOrConflict(tx, box, known, { name, position, unit: input.unit }, sources);
        await checkUnit(tx, input.unit);
        await checkCount(tx);
        if (input.allowSharedUrl !== true) await refuseTakenUrl(tx, box, id, sources);
        const at = now();
        const inserted = await tx.query(
          `insert into cameras (id, unit, name, position, enabled, record, demo, retention_class, created_ms)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing returning id`,
          [id, input.unit, name, position, input.enabled ?? true, input.record ?? true, input.demo ?? false, retentionClass(input), at],
        );
        if (inserted.length === 0) throw new Fault("conflict", `There was a camera ${id} before; its footage keeps the name.`, { camera: id });
        await writeSources(tx, box, id, sources);
        const camera = await wholeCamera(tx, id);
        await writeHistory(tx, at, by, { kind: "camera", subject: id, action: "added", fields: differences({}, told(camera)) });
        return camera;
      });
    },

    changeCamera: (id, change, by) =>
      database.transaction(async (tx) => {
        await lockUrls(tx);
        const before = await wholeCamera(tx, id);
        if (before.version !== change.version) throw new Fault("conflict", `Somebody else changed camera ${id} meanwhile.`, { camera: id });
        const sources = await changedSources(tx, box, before, change);
        if (change.allowSharedUrl !== true) await refuseTakenUrl(tx, box, id, sources);
        await tx.query(`update cameras set name = $2, position = $3, enabled = $4, record = $5, retention_class = $6, version = version + 1 where id = $1`, [
          id,
          change.name === undefined ? before.name : checkName(change.name),
          change.position === undefined ? before.position : checkPosition(change.position),
          change.enabled ?? before.enabled,
          change.record ?? before.record,
          retentionClass({ retentionClass: change.retentionClass ?? before.retentionClass }),
        ]);
        if (change.sub === null) await tx.query("delete from camera_streams where camera = $1 and role = 'sub'", [id]);
        await writeSources(tx, box, id, sources);
        const after = await wholeCamera(tx, id);
        await writeHistory(tx, now(), by, {
          kind: "camera",
          subject: id,
          action: "changed",
          fields: { ...differences(told(before), told(after)), ...secretFields(sources) },
        });
        return after;
      }),

    removeCamera: (id, version, by) =>
      database.transaction(async (tx) => {
        const before = await wholeCamera(tx, id);
        if (before.version !== version) throw new Fault("conflict", `Somebody else changed camera ${id} meanwhile.`, { camera: id });
        const at = now();
        await tx.query("update cameras set removed_ms = $2, enabled = false, version = version + 1 where id = $1", [id, at]);
        await tx.query("delete from camera_streams where camera = $1", [id]);
        await writeHistory(tx, at, by, { kind: "camera", subject: id, action: "removed", fields: differences(told(before), {}) });
      }),
  };
}

/** Writers of sources take turns, so that two additions of one URL see each other. */
async function lockUrls(tx: Queries): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(7224012)");
}

async function readCamera(tx: Queries, id: string): Promise<Camera | undefined> {
  const [row] = await tx.query<CameraRow>(`select ${CAMERA_COLUMNS} from cameras c where c.id = $1 and c.removed_ms is null for update of c`, [id]);
  return row === undefined ? undefined : cameraOf(row);
}

async function wholeCamera(tx: Queries, id: string): Promise<Camera> {
  const camera = await readCamera(tx, id);
  if (camera === undefined) throw new Fault("not-found", `There is no camera ${id}.`, { camera: id });
  return camera;
}

async function checkUnit(tx: Queries, unit: string): Promise<void> {
  const [row] = await tx.query<{ kind: string }>("select kind from units where id = $1", [unit]);
  if (row === undefined) throw bad("/unit", `There is no unit ${unit}.`);
}

async function checkCount(tx: Queries): Promise<void> {
  const [row] = await tx.query<{ count: number }>("select count(*)::int as count from cameras where removed_ms is null");
  if ((row?.count ?? 0) >= CAMERAS_MAX) throw new Fault("too-many", `There are ${CAMERAS_MAX} cameras already.`, { limit: CAMERAS_MAX });
}

async function refuseTakenUrl(tx: Queries, box: SecretBox, id: string, sources: Sources): Promise<void> {
  for (const [role, source] of entries(sources)) {
    const [taken] = await tx.query<{ id: string; name: string; role: string }>(
      `select c.id, c.name, s.role from camera_streams s join cameras c on c.id = s.camera
       where s.url_print = $1 and s.camera <> $2 and c.removed_ms is null limit 1`,
      [box.fingerprint(sameUrlText(source.url)), id],
    );
    if (taken !== undefined) {
      throw new Fault("camera-url-taken", `Camera ${taken.id} (${taken.name}) has this URL already.`, {
        pointer: `/${role}/url`,
        camera: taken.id,
        cameraName: taken.name,
      });
    }
  }
}

async function writeSources(tx: Queries, box: SecretBox, id: string, sources: Sources): Promise<void> {
  for (const [role, source] of entries(sources)) {
    await tx.query(
      `insert into camera_streams (camera, role, url_shown, user_shown, has_password, transport, certificate_sha256, sealed, url_print)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (camera, role) do update set url_shown = $3, user_shown = $4, has_password = $5, transport = $6, certificate_sha256 = $7, sealed = $8, url_print = $9`,
      [
        id,
        role,
        shownUrl(source.url),
        source.user ?? null,
        source.password !== undefined,
        source.transport,
        source.certificateSha256 ?? null,
        sealSource(box, id, role, source),
        box.fingerprint(sameUrlText(source.url)),
      ],
    );
  }
}

/** A URL that came back as it was shown means the stored one; credentials left out mean the stored ones, on the same host. */
async function changedSources(tx: Queries, box: SecretBox, before: Camera, change: CameraChange): Promise<Sources> {
  const changed: Partial<Record<StreamRole, Source>> = {};
  for (const role of ["main", "sub"] as const) {
    const input: SourceInput | null | undefined = change[role];
    if (input === undefined || input === null) continue;
    const [row] = await tx.query<{ sealed: string }>("select sealed from camera_streams where camera = $1 and role = $2", [before.id, role]);
    const stored = row === undefined ? undefined : openSource(box, before.id, role, row.sealed);
    const shown = before.streams.find((stream) => stream.role === role);
    const url = stored !== undefined && input.url === shown?.url ? stored.url : input.url;
    const whole: SourceInput = {
      ...input,
      url,
      transport: input.transport ?? shown?.transport,
      certificateSha256: input.certificateSha256 ?? shown?.certificateSha256 ?? undefined,
    };
    changed[role] = readSource(stored === undefined ? whole : completeFrom(stored, whole), `/${role}`);
  }
  return changed;
}

async function sameOrConflict(
  tx: Queries,
  box: SecretBox,
  known: Camera,
  wanted: Pick<NewCamera, "name" | "unit"> & { readonly position: string },
  sources: Sources,
): Promise<Camera> {
  const alike =
    known.name === wanted.name && known.position === wanted.position && known.unit === wanted.unit && known.streams.length === entries(sources).length;
  const rows = await tx.query<{ role: StreamRole; sealed: string }>("select role, sealed from camera_streams where camera = $1", [known.id]);
  const sameSources = rows.every((row) => {
    const [stored, given] = [openSource(box, known.id, row.role, row.sealed), sources[row.role]];
    return stored.url === given?.url && stored.user === given.user && stored.password === given.password;
  });
  if (alike && sameSources) return known;
  throw new Fault("conflict", `There is another camera ${known.id} already.`, { camera: known.id });
}

function retentionClass(input: Pick<NewCamera, "retentionClass">): string {
  const value = input.retentionClass ?? "ordinary";
  if (value !== "ordinary" && value !== "important") throw bad("/retentionClass", "A retention class is ordinary or important.");
  return value;
}

/** What the history tells of a camera: everything but credentials. */
function told(camera: Camera): Readonly<Record<string, unknown>> {
  return {
    unit: camera.unit,
    name: camera.name,
    position: camera.position,
    enabled: camera.enabled,
    record: camera.record,
    retentionClass: camera.retentionClass,
    ...Object.fromEntries(
      camera.streams.flatMap((stream) => [
        [`${stream.role}.url`, stream.url],
        [`${stream.role}.user`, stream.user],
        [`${stream.role}.transport`, stream.transport],
        [`${stream.role}.certificateSha256`, stream.certificateSha256],
      ]),
    ),
  };
}

function secretFields(sources: Sources): Readonly<Record<string, readonly [string, string]>> {
  return Object.fromEntries(
    entries(sources)
      .filter(([, source]) => source.password !== undefined)
      .map(([role]) => [`${role}.password`, ["***", "***"] as const]),
  );
}

function entries(sources: Sources): readonly (readonly [StreamRole, Source])[] {
  return (["main", "sub"] as const).flatMap((role) => {
    const source = sources[role];
    return source === undefined ? [] : [[role, source] as const];
  });
}
