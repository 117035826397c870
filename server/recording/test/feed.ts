import type { StreamSink, TrackConfig, TrackSink, VideoConfig } from "@mingjian/media";

/** One access unit: NAL units with 4-byte lengths, parameter sets and delimiters taken out. */
export interface Unit {
  readonly bytes: Uint8Array;
  readonly key: boolean;
}

/** NAL units of an Annex B stream. */
export function nalUnits(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let i = 0; i + 2 < bytes.length; i++) if (bytes[i] === 0 && bytes[i + 1] === 0 && bytes[i + 2] === 1) starts.push(i + 3);
  return starts.map((start, index) => {
    let end = index + 1 < starts.length ? (starts[index + 1] as number) - 3 : bytes.length;
    while (end > start && bytes[end - 1] === 0) end -= 1;
    return bytes.subarray(start, end);
  });
}

export function withLengths(nals: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(nals.reduce((sum, nal) => sum + nal.length + 4, 0));
  let at = 0;
  for (const nal of nals) {
    new DataView(out.buffer).setUint32(at, nal.length);
    out.set(nal, at + 4);
    at += nal.length + 4;
  }
  return out;
}

export interface Clip {
  readonly config: VideoConfig;
  readonly units: readonly Unit[];
}

/** Cuts an Annex B stream with access unit delimiters into units. */
export function clipOf(bytes: Uint8Array, codec: "h264" | "h265", width = 640, height = 360): Clip {
  const type = (nal: Uint8Array): number => (codec === "h264" ? (nal[0] as number) & 31 : ((nal[0] as number) >> 1) & 63);
  const delimiter = codec === "h264" ? 9 : 35;
  const sets = codec === "h264" ? [99, 7, 8] : [32, 33, 34];
  const found: Uint8Array[][] = [[], [], []];
  const units: Unit[] = [];
  let now: Uint8Array[] = [];
  let key = false;
  let pictures = 0;
  const flush = (): void => {
    if (pictures === 0) return;
    units.push({ bytes: withLengths(now), key });
    now = [];
    key = false;
    pictures = 0;
  };
  for (const nal of nalUnits(bytes)) {
    const kind = type(nal);
    const set = sets.indexOf(kind);
    if (kind === delimiter) flush();
    else if (set >= 0) {
      if (found[set]?.length === 0) found[set]?.push(nal);
    } else {
      now.push(nal);
      if (codec === "h264" ? kind <= 5 : kind < 32) pictures += 1;
      if (codec === "h264" ? kind === 5 : kind >= 16 && kind <= 21) key = true;
    }
  }
  flush();
  const config: VideoConfig = {
    kind: "video",
    codec,
    clockRate: 90_000,
    width,
    height,
    vps: found[0] ?? [],
    sps: found[1] ?? [],
    pps: found[2] ?? [],
    codecString: codec === "h264" ? "avc1.640028" : "hvc1.1.6.L90.90",
  };
  return { config, units };
}

/** Hands one sample to a track the way a depacketiser does. */
export function give(track: TrackSink, bytes: Uint8Array, rtpTicks: number, key: boolean): void {
  const rope = track.rope();
  const start = rope.length;
  rope.append(bytes, 0, bytes.length);
  track.sample(start, rope.length, rtpTicks, key);
}

export function sinkOf(opened: StreamSink | { refused: string }): StreamSink {
  if ("refused" in opened) throw new Error(opened.refused);
  return opened;
}

export const G711: TrackConfig = { kind: "audio", codec: "pcma", clockRate: 8_000, sampleRate: 8_000, channels: 1, codecString: "alaw" };
