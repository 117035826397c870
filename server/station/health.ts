import type { Camera as CameraAnswer, Health } from "@mingjian/contract";
import { formatUtc, isFault, streamId } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import type { Camera, Registry } from "../registry/index.ts";
import type { TimelineReader } from "../timeline/index.ts";
import type { Database } from "../ports/index.ts";
import type { Recorder } from "./recorder.ts";
import type { Settings } from "./settings.ts";
import { startOfDay, zoneOffsetMs } from "./zone.ts";

const FRESH_MS = 1_000;
/** Completeness is asked of the index this often. */
const COMPLETENESS_MS = 60_000;
/** Capacity below this part of the promised days is an alarm, below the whole a warning. */
const CAPACITY_ALARM = 0.8;
const BYTES_PER_MB = 1_048_576;
const MS_PER_DAY = 86_400_000;
const MANY_MS_MAX = 8.64e15;

export interface HealthDoors {
  readonly settings: Settings;
  readonly version: string;
  readonly demo: boolean;
  readonly startedAt: number;
  readonly database: Database;
  readonly databaseKind: "embedded" | "server";
  readonly registry: Registry;
  readonly timeline: TimelineReader;
  readonly recorder: Recorder;
  readonly indexLag: () => number;
  readonly viewers: () => number;
}

/** A stored camera with what each of its streams does now. */
export function describeCamera(camera: Camera, recorder: Recorder): CameraAnswer {
  const streams = recorder.state?.streams ?? [];
  return {
    id: camera.id,
    unit: camera.unit,
    name: camera.name,
    position: camera.position,
    enabled: camera.enabled,
    record: camera.record,
    demo: camera.demo,
    retentionClass: camera.retentionClass,
    version: camera.version,
    streams: camera.streams.map(({ role, url, user, hasPassword, transport }) => ({ role, url, user, hasPassword, transport })),
    status: camera.streams.flatMap(({ role }) => {
      const found = streams.find((one) => one.stream === streamId(camera.id, role));
      if (found === undefined) return [];
      const { stream: _, ...status } = found;
      return [status];
    }),
  };
}

/** Whether the camera gives pictures, or would if asked: its main stream plays. */
export function isOnline(camera: CameraAnswer): boolean {
  return camera.status.some((status) => status.role === "main" && status.state === "playing");
}

type Facts = { level: Health["level"]; alarms: Health["alarms"] };

export function createHealth(doors: HealthDoors): () => Promise<Health> {
  let last: { at: number; answer: Promise<Health> } | undefined;
  const completeness = createCompleteness(doors);
  let cpuBefore = { at: Date.now(), seconds: 0, percent: 0 };
  const cpu = (): number => {
    const seconds = doors.recorder.state?.cpuSeconds ?? 0;
    const now = Date.now();
    if (now - cpuBefore.at >= 2 * FRESH_MS) {
      const percent = seconds >= cpuBefore.seconds ? ((seconds - cpuBefore.seconds) / (now - cpuBefore.at)) * 100_000 : 0;
      cpuBefore = { at: now, seconds, percent };
    }
    return cpuBefore.percent;
  };
  return () => {
    const now = Date.now();
    if (last === undefined || now - last.at > FRESH_MS) last = { at: now, answer: workOut(doors, completeness, cpu()) };
    return last.answer;
  };
}

async function workOut(
  doors: HealthDoors,
  completeness: (cameras: readonly Camera[]) => Promise<ReadonlyMap<string, number>>,
  cpuPercent: number,
): Promise<Health> {
  const now = Date.now();
  const database = doors.database.state();
  const cameras = await doors.registry.reader.cameras().catch((error: unknown) => {
    if (isFault(error) && error.code === "database-away") return [];
    throw error;
  });
  const described = cameras.map((camera) => describeCamera(camera, doors.recorder));
  const facts: Facts = { level: "ok", alarms: [] };
  const raise = (code: string, level: "warning" | "alarm", detail: string, camera: CameraId | null = null, since = now): void => {
    facts.alarms.push({ code, level, since: formatUtc(since), camera, detail });
    if (level === "alarm" || facts.level === "ok") facts.level = level;
  };
  if (database.status === "away") raise("database-away", "alarm", database.cause, null, database.sinceMs);
  if (!doors.recorder.up) raise("recorder-away", "alarm", "", null, doors.recorder.since);
  for (const alarm of doors.recorder.state?.alarms ?? []) raise(alarm.code, alarm.level, alarm.detail, cameraOf(alarm.stream), alarm.since);
  for (const camera of described) {
    const main = camera.status.find((status) => status.role === "main");
    if (camera.enabled && main !== undefined && main.fault !== null && main.state !== "playing") {
      raise(main.fault, "alarm", main.faultDetail ?? "", camera.id as CameraId, Date.parse(main.since));
    }
  }
  const disk = diskFacts(doors, raise);
  const whole = await completeness(cameras);
  return {
    ...facts,
    at: formatUtc(now),
    version: doors.version,
    startedAt: formatUtc(doors.startedAt),
    demo: doors.demo,
    zone: doors.settings.zone,
    database: { state: database.status, since: formatUtc(database.sinceMs), kind: doors.databaseKind, indexLagSegments: doors.indexLag() },
    recorder: {
      state: doors.recorder.up ? "up" : "restarting",
      since: formatUtc(doors.recorder.since),
      restarts: doors.recorder.restarts,
      memoryBytes: doors.recorder.state?.memoryBytes ?? 0,
      cpuPercent,
    },
    disk,
    cameras: {
      total: described.length,
      online: described.filter(isOnline).length,
      recording: described.filter((camera) => camera.status.some((status) => status.recording)).length,
      faulty: new Set(facts.alarms.flatMap((alarm) => alarm.camera ?? [])).size,
    },
    viewers: doors.viewers(),
    perCamera: cameras.map((camera) => ({
      camera: camera.id,
      bytesPerDay: doors.recorder.state?.disk.bytesPerDay[streamId(camera.id, "main")] ?? 0,
      promisedDays: doors.settings.keepDaysMin,
      capacityDays: disk.capacityDays,
      completenessToday: whole.get(camera.id) ?? null,
    })),
  };
}

function cameraOf(stream: string | null): CameraId | null {
  return stream === null ? null : (stream.slice(0, stream.lastIndexOf(".")) as CameraId);
}

function diskFacts(doors: HealthDoors, raise: (code: string, level: "warning" | "alarm", detail: string) => void): Health["disk"] {
  const { settings } = doors;
  const disk = doors.recorder.state?.disk ?? { state: "ok" as const, totalBytes: 0, freeBytes: 0, footageBytes: 0, bytesPerDay: {} };
  const writtenBytesPerDay = Object.values(disk.bytesPerDay).reduce((sum, one) => sum + one, 0);
  const usable = Math.max(0, disk.freeBytes - settings.diskReserveMb * BYTES_PER_MB);
  const capacityDays = writtenBytesPerDay > 0 ? (usable + disk.footageBytes) / writtenBytesPerDay : null;
  const fullAt = writtenBytesPerDay > 0 ? Date.now() + (usable / writtenBytesPerDay) * MS_PER_DAY : null;
  let level: Health["level"] = disk.state === "ok" ? "ok" : "alarm";
  if (capacityDays !== null && capacityDays < settings.keepDaysMin) {
    level = capacityDays < settings.keepDaysMin * CAPACITY_ALARM || level === "alarm" ? "alarm" : "warning";
    raise("capacity-short", level, `${capacityDays.toFixed(1)} of ${settings.keepDaysMin} days fit on this disk at today's rate`);
  }
  return {
    level,
    state: disk.state,
    totalBytes: disk.totalBytes,
    freeBytes: disk.freeBytes,
    footageBytes: disk.footageBytes,
    writtenBytesPerDay,
    capacityDays,
    promisedDays: settings.keepDaysMin,
    fullAt: fullAt === null || fullAt > MANY_MS_MAX ? null : formatUtc(fullAt),
  };
}

/** Part of today, in the station's zone, that is recorded; asked again once a minute. */
function createCompleteness(doors: HealthDoors): (cameras: readonly Camera[]) => Promise<ReadonlyMap<string, number>> {
  let last: { at: number; known: ReadonlyMap<string, number> } = { at: 0, known: new Map() };
  return async (cameras) => {
    const now = Date.now();
    if (now - last.at < COMPLETENESS_MS) return last.known;
    const local = new Date(now + zoneOffsetMs(now, doors.settings.zone));
    const from = startOfDay(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate(), doors.settings.zone);
    const recorded = cameras.filter((camera) => camera.record && camera.enabled);
    try {
      const found = await doors.timeline.completeness(
        recorded.map((camera) => streamId(camera.id, "main")),
        [{ from, to: now }],
      );
      const known = new Map<string, number>();
      recorded.forEach((camera, at) => {
        const one = found[at];
        const sum = (one?.recordedMs ?? 0) + (one?.gapMs ?? 0);
        if (one !== undefined && sum > 0) known.set(camera.id, one.recordedMs / sum);
      });
      last = { at: now, known };
    } catch (error) {
      if (!isFault(error)) throw error;
    }
    return last.known;
  };
}
