/**
 * What a player must know of fragmented MP4 (ISO/IEC 14496-12) to step by frames: the video track's timescale
 * from `moov`, and when each frame of a `moof` is shown. Odd bytes give undefined or an empty list, never an error.
 */
export interface VideoTrack {
  readonly id: number;
  readonly timescale: number;
  readonly defaultDuration: number;
}

const FRAMES_PER_FRAGMENT_MAX = 4096;
const BOXES_PER_LEVEL_MAX = 256;

interface Box {
  readonly type: string;
  readonly body: DataView;
}

function* boxes(view: DataView): Generator<Box> {
  let at = 0;
  for (let count = 0; count < BOXES_PER_LEVEL_MAX && at + 8 <= view.byteLength; count += 1) {
    let size = view.getUint32(at);
    let head = 8;
    if (size === 1 && at + 16 <= view.byteLength) {
      size = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
      head = 16;
    } else if (size === 0) size = view.byteLength - at;
    if (size < head || at + size > view.byteLength) return;
    const type = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    yield { type, body: new DataView(view.buffer, view.byteOffset + at + head, size - head) };
    at += size;
  }
}

function child(view: DataView, ...path: readonly string[]): DataView | undefined {
  let body: DataView | undefined = view;
  for (const type of path) {
    if (body === undefined) return undefined;
    let found: DataView | undefined;
    for (const box of boxes(body)) {
      if (box.type === type) {
        found = box.body;
        break;
      }
    }
    body = found;
  }
  return body;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The video track of an initialisation segment. */
export function readVideoTrack(init: Uint8Array): VideoTrack | undefined {
  const moov = child(viewOf(init), "moov");
  if (moov === undefined) return undefined;
  for (const trak of boxes(moov)) {
    if (trak.type !== "trak") continue;
    const tkhd = child(trak.body, "tkhd");
    const mdhd = child(trak.body, "mdia", "mdhd");
    const hdlr = child(trak.body, "mdia", "hdlr");
    if (tkhd === undefined || mdhd === undefined || hdlr === undefined) continue;
    if (tkhd.byteLength < 24 || mdhd.byteLength < 24 || hdlr.byteLength < 12 || hdlr.getUint32(8) !== 0x76696465) continue;
    const id = tkhd.getUint8(0) === 1 ? tkhd.getUint32(20) : tkhd.getUint32(12);
    const timescale = mdhd.getUint8(0) === 1 ? mdhd.getUint32(20) : mdhd.getUint32(12);
    if (timescale === 0) return undefined;
    return { id, timescale, defaultDuration: defaultDuration(moov, id) };
  }
  return undefined;
}

function defaultDuration(moov: DataView, track: number): number {
  const mvex = child(moov, "mvex");
  if (mvex === undefined) return 0;
  for (const trex of boxes(mvex)) {
    if (trex.type === "trex" && trex.body.byteLength >= 16 && trex.body.getUint32(4) === track) return trex.body.getUint32(12);
  }
  return 0;
}

/** When the frames of a fragment are shown, seconds of media time, in order of showing. */
export function frameTimes(fragment: Uint8Array, track: VideoTrack): number[] {
  const times: number[] = [];
  for (const moof of boxes(viewOf(fragment))) {
    if (moof.type !== "moof") continue;
    for (const traf of boxes(moof.body)) {
      if (traf.type === "traf") readTraf(traf.body, track, times);
    }
  }
  return times.sort((a, b) => a - b);
}

function readTraf(traf: DataView, track: VideoTrack, times: number[]): void {
  const tfhd = child(traf, "tfhd");
  const tfdt = child(traf, "tfdt");
  if (tfhd === undefined || tfdt === undefined || tfhd.byteLength < 8 || tfdt.byteLength < 8) return;
  if (tfhd.getUint32(4) !== track.id) return;
  const flags = tfhd.getUint32(0) & 0xffffff;
  let at = 8 + ((flags & 0x1) === 0 ? 0 : 8) + ((flags & 0x2) === 0 ? 0 : 4);
  let duration = track.defaultDuration;
  if ((flags & 0x8) !== 0 && at + 4 <= tfhd.byteLength) duration = tfhd.getUint32(at);
  at = 4;
  const wide = tfdt.getUint8(0) === 1;
  if (wide && tfdt.byteLength < 12) return;
  let time = wide ? tfdt.getUint32(4) * 2 ** 32 + tfdt.getUint32(8) : tfdt.getUint32(4);
  for (const trun of boxes(traf)) {
    if (trun.type === "trun") time = readTrun(trun.body, time, duration, track.timescale, times);
  }
}

function readTrun(trun: DataView, start: number, duration: number, timescale: number, times: number[]): number {
  if (trun.byteLength < 8) return start;
  const flags = trun.getUint32(0) & 0xffffff;
  const signed = trun.getUint8(0) !== 0;
  const count = trun.getUint32(4);
  let at = 8 + ((flags & 0x1) === 0 ? 0 : 4) + ((flags & 0x4) === 0 ? 0 : 4);
  const bytesPerFrame = [0x100, 0x200, 0x400, 0x800].reduce((sum, bit) => sum + ((flags & bit) === 0 ? 0 : 4), 0);
  let time = start;
  for (let i = 0; i < count && times.length < FRAMES_PER_FRAGMENT_MAX; i += 1) {
    if (at + bytesPerFrame > trun.byteLength) break;
    let field = at;
    let own = duration;
    if ((flags & 0x100) !== 0) {
      own = trun.getUint32(field);
      field += 4;
    }
    if ((flags & 0x200) !== 0) field += 4;
    if ((flags & 0x400) !== 0) field += 4;
    let offset = 0;
    if ((flags & 0x800) !== 0) offset = signed ? trun.getInt32(field) : trun.getUint32(field);
    times.push((time + offset) / timescale);
    time += own;
    at += bytesPerFrame;
  }
  return time;
}
