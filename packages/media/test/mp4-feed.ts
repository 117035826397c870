import { ChunkPool, Fragmenter, fragmentHead, fragmentPayload, initSegment, sealBox, segmentBases, indexBox } from "../src/index.ts";
import type { AudioConfig, Fragment, SegmentPart, TrackConfig, VideoConfig } from "../src/index.ts";
import { createHash } from "node:crypto";

export const VIDEO: VideoConfig = {
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  width: 640,
  height: 360,
  vps: [],
  sps: [Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x5b)],
  pps: [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb)],
  codecString: "avc1.42c01e",
};
export const AAC: AudioConfig = {
  kind: "audio",
  codec: "aac",
  clockRate: 16_000,
  sampleRate: 16_000,
  channels: 1,
  audioSpecificConfig: Uint8Array.of(0x14, 0x08),
  codecString: "mp4a.40.2",
};
export const G711: AudioConfig = { kind: "audio", codec: "pcmu", clockRate: 8_000, sampleRate: 8_000, channels: 1, codecString: "ulaw" };
export const FRAME = 3_600;
export const FRAME_MS = 40;

/** A fragmenter and what came out of it. */
export class Feed {
  readonly fragments: Fragment[] = [];
  readonly fragmenter: Fragmenter;
  arrivedMs = 1_000;

  constructor(configs: readonly TrackConfig[] = [VIDEO]) {
    this.fragmenter = new Fragmenter({ pool: new ChunkPool(), configs, onFragment: (fragment) => this.fragments.push(fragment) });
  }

  /** One sample whose bytes all have the value. */
  put(ticks: number, key: boolean, size = 100, value = 1, track = 0): void {
    const sink = this.fragmenter.sinks[track];
    if (sink === undefined) throw new Error("no such track");
    this.fragmenter.arrived(this.arrivedMs);
    const rope = sink.rope();
    const start = rope.length;
    const bytes = new Uint8Array(size).fill(value);
    rope.append(bytes, 0, size);
    sink.sample(start, rope.length, ticks, key);
  }

  /** Even frames with a key frame every `gop`; returns the ticks after the last. */
  run(frames: number, gop: number, from = 0): number {
    for (let i = 0; i < frames; i++) {
      this.arrivedMs += FRAME_MS;
      this.put(from + i * FRAME, i % gop === 0, 100, i & 255);
    }
    return from + frames * FRAME;
  }

  done(): Fragment[] {
    this.fragmenter.flush();
    return this.fragments;
  }
}

export function join(views: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(views.reduce((sum, view) => sum + view.length, 0));
  let at = 0;
  for (const view of views) {
    bytes.set(view, at);
    at += view.length;
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** The fragments as the recording room writes them into a file. */
export function fileOf(fragments: readonly Fragment[], utcMs = 1_795_342_500_040, skewMs: (track: number) => number = () => 0): Uint8Array {
  const first = fragments[0];
  if (first === undefined) throw new Error("no fragment");
  const init = initSegment(first.configs);
  const views: Uint8Array[] = [init, sealBox(sha256(init))];
  const parts: SegmentPart[] = [{ bytes: init.length, digest: sha256(init), key: false, utcMs: 0, durationMs: 0 }];
  const bases = segmentBases(first);
  for (const [index, fragment] of fragments.entries()) {
    const lead = fragment.tracks[0];
    if (lead === undefined) throw new Error("no track");
    const at = utcMs + ((lead.startTicks - (first.tracks[0]?.startTicks ?? 0)) * 1_000) / lead.timescale;
    const bytes = join([fragmentHead(fragment, { sequence: index + 1, utcMs: at, bases, skewMs }), ...fragmentPayload(fragment)]);
    parts.push({
      bytes: bytes.length,
      digest: sha256(bytes),
      key: fragment.key,
      utcMs: at,
      durationMs: ((lead.endTicks - lead.startTicks) * 1_000) / lead.timescale,
    });
    views.push(bytes, sealBox(sha256(bytes)));
  }
  return join([...views, indexBox(parts)]);
}
