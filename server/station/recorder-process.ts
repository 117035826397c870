import { MS_PER_DAY, parseStreamId } from "@mingjian/vocab";
import type { StreamId } from "@mingjian/vocab";
import type { Ingest, StreamState } from "../ingest/index.ts";
import type { Clock } from "../ports/index.ts";
import type { Recorder, RecordedState, TapEvent } from "../recording/index.ts";
import type { Link } from "./link.ts";
import type { Logger } from "./log.ts";
import type { LiveWire, OpenPiece, RecorderAlarm, RecorderSettings, RecorderSource, RecorderState } from "./recorder-messages.ts";
import { RateBook } from "./recorder-rates.ts";
import { sourceOf } from "./probe.ts";

const TELL_MS = 1_000;
const RETENTION_MS = 15 * 60_000;
const RETENTION_FIRST_MS = 60_000;
/** A segment that was just finished is still told for so long, until the index surely knows it. */
const RECENT_PIECES_MS = 10_000;
/** A camera that should record and had nothing written for so long is an alarm, whatever its state says. */
export const SILENT_MS_MAX = 60_000;
/** Bytes on the way to the station above which frames of watched streams are left out. */
const LINK_WAITING_BYTES_MAX = 64 * 1_048_576;

export interface RecorderProcessDoors {
  readonly recorder: Recorder;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly link: Link;
  readonly settings: RecorderSettings;
  readonly log: Logger;
}

interface Recent {
  readonly piece: OpenPiece;
  readonly untilMs: number;
}

/** Plugs ingest and recording together and tells the station once a second how they do. */
export class RecorderProcess {
  readonly #doors: RecorderProcessDoors;
  readonly #taps = new Map<StreamId, () => void>();
  readonly #rates: RateBook;
  readonly #lastOpen = new Map<StreamId, OpenPiece>();
  readonly #silentSince = new Map<StreamId, number>();
  #sources: readonly RecorderSource[] = [];
  #recent: Recent[] = [];
  readonly #beats: { cancel(): void }[] = [];

  constructor(doors: RecorderProcessDoors) {
    this.#doors = doors;
    this.#rates = new RateBook(doors.clock);
    doors.recorder.onPressure((stream, on) => doors.ingest.hold(stream, on));
    doors.recorder.onEntry((stream, entry) => doors.link.send({ t: "entry", stream, seq: entry.seq }));
    doors.ingest.onState((state) => {
      if (this.#taps.has(state.stream) && state.state !== "playing") this.#wait(state);
    });
    this.#beats.push(
      doors.clock.every(TELL_MS, () => this.#tell()),
      doors.clock.every(RETENTION_MS, () => this.#retain()),
      doors.clock.after(RETENTION_FIRST_MS, () => this.#retain()),
    );
    // What was recorded before this start may not be indexed yet.
    for (const head of doors.recorder.heads()) if (head.seq > 0) doors.link.send({ t: "entry", stream: head.stream, seq: head.seq });
  }

  apply(sources: readonly RecorderSource[]): void {
    this.#sources = sources;
    this.#doors.recorder.apply(sources.map(({ stream, record }) => ({ stream, record })));
    this.#applyIngest();
  }

  watch(stream: StreamId, on: boolean): void {
    const tap = this.#taps.get(stream);
    if (on === (tap !== undefined)) return;
    if (tap !== undefined) {
      tap();
      this.#taps.delete(stream);
    } else {
      this.#taps.set(
        stream,
        this.#doors.recorder.tap(stream, (event) => this.#live(stream, event)),
      );
    }
    this.#doors.ingest.watch(stream, on);
    this.#applyIngest();
    const state = on ? this.#doors.ingest.states().find((one) => one.stream === stream) : undefined;
    if (state !== undefined && state.state !== "playing") this.#wait(state);
    if (on && state === undefined) this.#send({ t: "live", kind: "waiting", stream, state: "stopped", fault: null });
  }

  async stop(): Promise<void> {
    for (const beat of this.#beats) beat.cancel();
    for (const tap of this.#taps.values()) tap();
    await this.#doors.ingest.stop();
    await this.#doors.recorder.stop();
  }

  /** Both bounds come from the settings until the law fills the door; holds come with it. */
  #retain(): void {
    const { recorder, settings, log } = this.#doors;
    const { keepDaysMin, keepDaysMax } = settings;
    recorder
      .retain((_stream, footage) => ({
        keepUntil: footage.endMs + keepDaysMin * MS_PER_DAY,
        deleteFrom: footage.endMs + keepDaysMax * MS_PER_DAY,
        held: false,
      }))
      .then(
        (report) => {
          if (report.deletedSegments > 0 || report.failed.length > 0) log.info({ ...report, failed: report.failed.length }, "retention ran");
        },
        (error: unknown) => log.error({ error: String(error) }, "retention failed"),
      );
  }

  /** Main streams are received all the time; a sub-stream only while somebody watches it. */
  #applyIngest(): void {
    const wanted = this.#sources.filter((source) => source.record || isMain(source.stream) || this.#taps.has(source.stream));
    this.#doors.ingest.apply(wanted.map(sourceOf));
  }

  #wait(state: StreamState): void {
    this.#send({ t: "live", kind: "waiting", stream: state.stream, state: state.state, fault: state.fault ?? null });
  }

  #live(stream: StreamId, event: TapEvent): void {
    if (event.kind === "init") {
      const picture = { mime: `video/mp4; codecs="${event.codecs}"`, width: event.width, height: event.height };
      this.#send({ t: "live", kind: "init", stream, generation: event.generation, originUtcMs: event.originUtcMs, picture }, event.bytes);
    } else if (event.kind === "frame") {
      if (this.#doors.link.waitingBytes > LINK_WAITING_BYTES_MAX) return;
      // A viewer may begin only at a video key frame; every frame of sound is one by itself.
      const key = event.key && event.track === "video";
      this.#send({ t: "live", kind: "fragment", stream, generation: event.generation, key, utcMs: event.utcMs, durationMs: event.durationMs }, event.bytes);
    }
  }

  #send(wire: LiveWire, bytes?: Uint8Array): void {
    this.#doors.link.send({ ...wire }, bytes);
  }

  #tell(): void {
    const { recorder, ingest, link } = this.#doors;
    const recorded = new Map(recorder.states().map((one) => [one.stream, one]));
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    const disk = recorder.disk();
    const state: RecorderState = {
      streams: ingest.states().map((one) => ({ stream: one.stream, ...describe(one, recorded.get(one.stream)) })),
      open: this.#openPieces(recorded),
      alarms: this.#alarms(recorded),
      disk: {
        state: disk.state,
        totalBytes: Number.isFinite(disk.totalBytes) ? disk.totalBytes : 0,
        freeBytes: Number.isFinite(disk.freeBytes) ? disk.freeBytes : 0,
        footageBytes: [...recorded.values()].reduce((sum, one) => sum + one.storedBytes, 0),
        bytesPerDay: this.#rates.read([...recorded.values()]),
      },
      memoryBytes: memory.rss,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
    link.send({ t: "state", state });
  }

  #openPieces(recorded: ReadonlyMap<StreamId, RecordedState>): OpenPiece[] {
    const now = this.#doors.clock.monotonicMs();
    const open: OpenPiece[] = [];
    for (const { stream, open: file } of recorded.values()) {
      const piece = file === undefined ? undefined : { stream, file: file.file, fromMs: file.startMs, toMs: file.endMs, bytes: file.bytes };
      const before = this.#lastOpen.get(stream);
      if (before !== undefined && before.file !== piece?.file) this.#recent.push({ piece: before, untilMs: now + RECENT_PIECES_MS });
      if (piece === undefined) this.#lastOpen.delete(stream);
      else {
        this.#lastOpen.set(stream, piece);
        if (piece.bytes > 0) open.push(piece);
      }
    }
    this.#recent = this.#recent.filter((one) => one.untilMs > now);
    return [...this.#recent.map((one) => one.piece), ...open].sort((a, b) => a.fromMs - b.fromMs);
  }

  /** Alarms on written bytes, not on what a state machine believes. */
  #alarms(recorded: ReadonlyMap<StreamId, RecordedState>): RecorderAlarm[] {
    const { clock, recorder } = this.#doors;
    const now = clock.monotonicMs();
    const alarms: RecorderAlarm[] = [];
    for (const source of this.#sources) {
      if (!source.record) continue;
      const since = this.#silentSince.get(source.stream) ?? now;
      const last = Math.max(recorded.get(source.stream)?.lastFragmentMonotonicMs ?? 0, since);
      this.#silentSince.set(source.stream, since);
      if (now - last < SILENT_MS_MAX) continue;
      const detail = recorded.get(source.stream)?.gap ?? "";
      alarms.push({ code: "not-recording", level: "alarm", since: clock.utcMs() - (now - last), stream: source.stream, detail });
    }
    const disk = recorder.disk();
    if (disk.state !== "ok") {
      const code = disk.state === "full" ? "disk-full" : disk.state === "read-only" ? "disk-read-only" : "disk-failed";
      alarms.push({ code, level: "alarm", since: disk.since, stream: null, detail: disk.detail });
    }
    return alarms;
  }
}

function isMain(stream: StreamId): boolean {
  return parseStreamId(stream)?.role === "main";
}

function describe(state: StreamState, recorded: RecordedState | undefined): Omit<RecorderState["streams"][number], "stream"> {
  const video = state.configs.find((config) => config.kind === "video");
  const audio = state.configs.find((config) => config.kind === "audio");
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    role: parseStreamId(state.stream)?.role ?? "main",
    state: state.state,
    since: iso(state.sinceUtcMs),
    recording: recorded?.record === true && recorded.connected && recorded.gap === undefined,
    fault: state.fault ?? null,
    faultDetail: state.faultDetail ?? null,
    attempts: state.attempts,
    nextTryAt: state.nextTryAtUtcMs === undefined ? null : iso(state.nextTryAtUtcMs),
    codec: video?.codec ?? null,
    width: video?.kind === "video" ? video.width : null,
    height: video?.kind === "video" ? video.height : null,
    audio: audio?.codec ?? null,
    framesPerSecond: state.framesPerSecond,
    bitsPerSecond: state.bitsPerSecond,
    packetsLost: state.packetsLost,
    framesTotal: state.framesTotal,
    bytesTotal: state.bytesTotal,
    clockOffsetMs: state.clockOffsetMs ?? null,
    clockDriftMsPerHour: state.clockDriftMsPerHour ?? null,
  };
}
