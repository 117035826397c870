import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { StreamSink, VideoConfig } from "@mingjian/media";
import { streamId } from "@mingjian/vocab";
import type { CameraId, GrantId, StreamId, UnitId, UserId, UtcMs } from "@mingjian/vocab";
import { createAccess } from "../../server/access/index.ts";
import type { Access } from "../../server/access/index.ts";
import { TestClock, joinPath, newId, openDatabase, sha256, systemChance, systemClock, systemDisk } from "../../server/ports/index.ts";
import type { Database } from "../../server/ports/index.ts";
import { createRecorder, readChain } from "../../server/recording/index.ts";
import { createTimeline } from "../../server/timeline/index.ts";
import type { TimelineReader } from "../../server/timeline/index.ts";
import { createGateway } from "../../server/viewing/index.ts";
import type { Gateway, MediaOut } from "../../server/viewing/index.ts";
import { SEGMENT_MS, fillIndex } from "./seek-index.ts";

const FRAMES_PER_SECOND = 25;
const GOP_FRAMES = 50;
const FRAME_BYTES_KEY = 150_000;
const FRAME_BYTES_DELTA = 17_300;
const RECORDED_MS = 60_000;
const ANSWER_MS_MAX = 10_000;
const USER = "bench" as UserId;
const UNIT = "bench" as UnitId;

const CONFIG: VideoConfig = {
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  width: 1_920,
  height: 1_080,
  vps: [],
  sps: [Uint8Array.of(0x67, 0x64, 0, 0x28, 0xac, 0xd9, 0x40, 0x78)],
  pps: [Uint8Array.of(0x68, 0xeb, 0xe3, 0xcb)],
  codecString: "avc1.640028",
};

interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

function quantiles(ms: readonly number[]): Quantiles {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** A minute of 4 Mbit/s footage on each stream, recorded by the real recorder at `at`. */
async function recordFootage(root: string, streams: readonly StreamId[], at: UtcMs): Promise<void> {
  const clock = new TestClock(at);
  const quiet = (): void => {};
  const recorder = await createRecorder({
    disk: systemDisk(),
    clock,
    hash: sha256,
    log: { info: quiet, warn: quiet, error: console.error },
    root,
    ledger: { append: async () => {} },
    lock: false,
  });
  const [key, delta] = [new Uint8Array(FRAME_BYTES_KEY).fill(0x55), new Uint8Array(FRAME_BYTES_DELTA).fill(0xaa)];
  const sinks = streams.map((stream): StreamSink => {
    const opened = recorder.open(stream, [CONFIG]);
    if ("refused" in opened) throw new Error(opened.refused);
    return opened;
  });
  for (let frame = 0; frame < (RECORDED_MS / 1_000) * FRAMES_PER_SECOND; frame += 1) {
    clock.advance(1_000 / FRAMES_PER_SECOND);
    for (const sink of sinks) {
      const sample = frame % GOP_FRAMES === 0 ? key : delta;
      sink.arrived(clock.monotonicMs());
      const track = sink.tracks[0];
      if (track === undefined) throw new Error("no track");
      const rope = track.rope();
      const start = rope.length;
      rope.append(sample, 0, sample.length);
      track.sample(start, rope.length, frame * 3_600, sample === key);
    }
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (recorder.states().some((one) => one.queuedBytes > 4_000_000));
  }
  await recorder.stop();
}

/** The invented minutes of these streams give way to the recorded ones. */
async function indexFootage(database: Database, root: string, streams: readonly StreamId[]): Promise<void> {
  const { indexer } = createTimeline({ database });
  for (const stream of streams) {
    await database.query("update streams set indexed_seq = 0, cut = true where stream = $1", [stream]);
    await database.query("delete from recordings r using streams s where s.number = r.stream and s.stream = $1", [stream]);
    await indexer.catchUp(stream, {
      async *readChain() {
        for await (const entry of readChain(systemDisk(), root, sha256, stream, 1)) {
          const { seq } = entry;
          if (entry.kind !== "segment") {
            yield { kind: "other", seq, stream, cuts: true };
            continue;
          }
          await database.query("delete from segments g using streams s where s.number = g.stream and s.stream = $1 and g.start_ms < $3 and g.end_ms > $2", [
            stream,
            entry.startMs,
            entry.endMs,
          ]);
          yield {
            kind: "segment",
            seq,
            stream,
            startMs: entry.startMs,
            endMs: entry.endMs,
            file: entry.file,
            bytes: entry.bytes,
            digest: entry.digest,
            continues: entry.continues,
            era: entry.era,
          };
        }
      },
    });
  }
}

function openGateway(reader: TimelineReader, access: Access, root: string): Gateway {
  return createGateway({
    clock: systemClock(),
    log: (event, facts) => console.error(event, facts),
    frames: { watch: () => () => {} },
    files: { open: (file) => systemDisk().open(file, "read") },
    index: {
      next: async (stream, at) => {
        const found = await reader.find(stream, at);
        if (found.kind === "none") return { piece: undefined, gaps: [] };
        const { segment } = found;
        return { piece: { file: joinPath(root, segment.file), from: segment.startMs, to: segment.endMs, bytes: segment.bytes }, gaps: [] };
      },
    },
    grants: {
      check: async ({ target, ...ask }) => {
        const answer = await access.check({ ...ask, scope: target === "live" ? { kind: "live" } : { kind: "span", span: target } });
        if (!answer.allowed) return { allowed: false, code: "grant-needed" };
        const { grant } = answer;
        return {
          allowed: true,
          expiresAt: grant.expiresAt,
          purpose: grant.purpose,
          basis: grant.basis,
          span: grant.scope.kind === "span" ? grant.scope.span : undefined,
        };
      },
      onChange: () => () => {},
    },
    register: {
      begin: ({ target, ...use }) => access.beginUse({ ...use, scope: target === "live" ? { kind: "live" } : { kind: "span", span: target } }),
      end: async (session, result) => access.endUse(session, { ...result, servedFrom: result.servedFrom ?? null, servedTo: result.servedTo ?? null }),
    },
  });
}

/** From asking to the first fragment with pictures: grant checked, use in the register, segment found, file read. */
async function firstFrameMs(gateway: Gateway, grant: GrantId, stream: StreamId, at: UtcMs): Promise<number> {
  const startedMs = performance.now();
  const first = Promise.withResolvers<number>();
  let messages = 0;
  const out: MediaOut = {
    text: () => {},
    // The first is the init segment, the second the first fragment.
    bytes: () => {
      messages += 1;
      if (messages === 2) first.resolve(performance.now() - startedMs);
    },
    waitingBytes: () => 0,
    close: () => first.reject(new Error(`playback of ${stream} at ${at} ended before a frame`)),
  };
  const camera = stream.slice(0, stream.indexOf(".")) as CameraId;
  const late = setTimeout(() => first.reject(new Error(`no frame of ${stream} at ${at}`)), ANSWER_MS_MAX);
  const running = await gateway.playback({ user: USER, grant, camera, address: "127.0.0.1" }, { stream, role: "main", at, mode: "all" }, out);
  try {
    return await first.promise;
  } finally {
    clearTimeout(late);
    first.promise.catch(() => undefined);
    running?.session.end("finished");
    await running?.over;
  }
}

async function openAccess(database: Database, cameras: readonly CameraId[]): Promise<Access> {
  await database.query("insert into units (id, name, kind, created_ms) values ($1, 'bench', 'operator', 0)", [UNIT]);
  await database.query("insert into users (id, name, email, username, display_username, unit, roles) values ($1, $1, $1, $1, $1, $2, '{security-chief}')", [
    USER,
    UNIT,
  ]);
  const chance = systemChance();
  return createAccess({ database, clock: systemClock(), newId: () => newId(chance), station: "bench", reach: { camerasWithin: async () => cameras } });
}

async function timed(count: number, work: (n: number) => Promise<unknown>): Promise<Quantiles> {
  const ms: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const startedMs = performance.now();
    await work(n);
    ms.push(performance.now() - startedMs);
  }
  return quantiles(ms);
}

/** The answers of `count` questions, one after another. */
async function several(count: number, ask: () => Promise<number>): Promise<number[]> {
  const answers: number[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await ask());
  return answers;
}

/**
 * Time to the first frame of playback with a full index: `--days` (30) of `--cameras` (100) at one segment a minute.
 * `find` over all of the index, `firstFrame` on footage really recorded on `--recorded` (8) of the cameras, through the
 * gateway with grant and register on a durable database. `--seeks` (2000), `--dir`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      days: { type: "string", default: "30" },
      cameras: { type: "string", default: "100" },
      recorded: { type: "string", default: "8" },
      seeks: { type: "string", default: "2000" },
      dir: { type: "string", default: tmpdir() },
    },
  });
  const [days, cameras, seeks] = [Number(values.days), Number(values.cameras), Number(values.seeks)];
  const folder = mkdtempSync(path.join(values.dir, "mingjian-seek-"));
  chmodSync(folder, 0o711);
  const root = path.join(folder, "footage");
  mkdirSync(root);
  const database = await openDatabase({ folder: path.join(folder, "database") }, { log: (line) => console.error(line) });
  const stops: (() => Promise<void>)[] = [() => database.close()];
  try {
    const ids = Array.from({ length: cameras }, (_, n) => `cam-${n}` as CameraId);
    const streams = ids.map((id) => streamId(id, "main"));
    const from = Date.UTC(2026, 9, 1);
    const filledMs = performance.now();
    const segments = await fillIndex(database, { streams, from, days });
    const fillSeconds = (performance.now() - filledMs) / 1_000;
    const recorded = streams.slice(0, Number(values.recorded));
    const at = from + Math.floor(days / 2) * 86_400_000 + 3_600_000;
    await recordFootage(root, recorded, at);
    await indexFootage(database, root, recorded);
    const { reader } = createTimeline({ database });
    const access = await openAccess(database, ids);
    stops.unshift(() => access.close());
    const person = { id: USER, unit: UNIT, roles: ["security-chief"] };
    const grant = await access.issueFromRole(person, {
      cameras: ids.slice(0, 64),
      scope: { kind: "span", span: { from: at - 60_000, to: at + 2 * RECORDED_MS } },
      actions: ["view"],
      purpose: "bench",
    });
    const gateway = openGateway(reader, access, root);
    const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
    const find = await timed(seeks, () => reader.find(any(streams), from + Math.random() * days * 86_400_000));
    const frames = await several(seeks, () => firstFrameMs(gateway, grant.id, any(recorded), at + 500 + Math.random() * (RECORDED_MS - 5_000)));
    const range = await timed(Math.ceil(seeks / 10), () => {
      const start = from + Math.random() * (days - 1) * 86_400_000;
      return reader.range(any(streams), { from: start, to: start + 3_600_000 });
    });
    const bands = await timed(20, () => reader.bands(streams.slice(0, 16), { from, to: from + days * 86_400_000 }, (days * 86_400_000) / 1_500));
    console.log(
      JSON.stringify({
        bench: "seek",
        days,
        cameras,
        segments,
        segmentMs: SEGMENT_MS,
        seeks,
        fillSeconds: Math.round(fillSeconds * 10) / 10,
        firstFrameMs: quantiles(frames),
        findMs: find,
        rangeOneHourMs: range,
        bandsSixteenCamerasMs: bands,
        ...quantiles(frames),
      }),
    );
  } finally {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await run(process.argv.slice(2));
