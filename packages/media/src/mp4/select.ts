import { boxAt, childBox, childBoxes, readU32 } from "./boxes.ts";
import type { BoxAt } from "./boxes.ts";
import { readInit } from "./read.ts";
import type { FileTrack } from "./read.ts";

/** A track a browser plays, with what it must know of it. */
export interface PlayableTrack extends FileTrack {
  /** RFC 6381. */
  readonly codec: string;
}

function hex(value: number, digits = 2): string {
  return value.toString(16).padStart(digits, "0");
}

/** `avc1.PPCCLL` from the avcC box (ISO/IEC 14496-15 5.3.3, RFC 6381 3.3). */
function avcCodec(bytes: Uint8Array, avcC: BoxAt): string {
  return `avc1.${hex(bytes[avcC.body + 1] ?? 0)}${hex(bytes[avcC.body + 2] ?? 0)}${hex(bytes[avcC.body + 3] ?? 0)}`;
}

/** `hvc1.P.C.TL.C...` from the hvcC box (ISO/IEC 14496-15 8.3.3 and annex E). */
function hevcCodec(bytes: Uint8Array, hvcC: BoxAt): string {
  const first = bytes[hvcC.body + 1] ?? 0;
  let compatibility = readU32(bytes, hvcC.body + 2);
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) {
    reversed = ((reversed << 1) | (compatibility & 1)) >>> 0;
    compatibility >>>= 1;
  }
  const constraints = Array.from(bytes.subarray(hvcC.body + 6, hvcC.body + 12));
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const space = ["", "A", "B", "C"][first >>> 6] ?? "";
  const tier = (first & 0x20) === 0 ? "L" : "H";
  const tail = constraints.map((value) => `.${hex(value, 1)}`).join("");
  return `hvc1.${space}${first & 0x1f}.${hex(reversed, 1)}.${tier}${bytes[hvcC.body + 12] ?? 0}${tail}`;
}

/** `mp4a.40.N` from the esds box: N is the audio object type of the AudioSpecificConfig. */
function aacCodec(bytes: Uint8Array, esds: BoxAt): string {
  for (let at = esds.body + 4; at + 6 < esds.end; at++) {
    // DecoderSpecificInfo: tag 5 and a length of four bytes as we write them.
    if (bytes[at] === 5 && bytes[at + 1] === 0x80) return `mp4a.40.${(bytes[at + 5] ?? 0) >>> 3 || 2}`;
  }
  return "mp4a.40.2";
}

function entryOf(bytes: Uint8Array, track: FileTrack, trak: BoxAt): string | undefined {
  let box: BoxAt | undefined = trak;
  for (const type of ["mdia", "minf", "stbl", "stsd"]) box = box && childBox(bytes, box, type);
  const entry = box && boxAt(bytes, box.body + 8);
  if (entry === undefined || entry.end > bytes.length) return undefined;
  if (track.entry === "avc1") {
    const avcC = childBox(bytes, entry, "avcC", 78);
    return avcC && avcCodec(bytes, avcC);
  }
  if (track.entry === "hvc1") {
    const hvcC = childBox(bytes, entry, "hvcC", 78);
    return hvcC && hevcCodec(bytes, hvcC);
  }
  if (track.entry !== "mp4a") return undefined;
  const esds = childBox(bytes, entry, "esds", 28);
  return esds && aacCodec(bytes, esds);
}

/** The tracks of an init segment that Media Source Extensions know: H.264, H.265, AAC. */
export function playableTracks(init: Uint8Array): PlayableTrack[] {
  const moov = childBoxes(init, 0, init.length).find((box) => box.type === "moov");
  if (moov === undefined) return [];
  const traks = childBoxes(init, moov.body, moov.end).filter((box) => box.type === "trak");
  const tracks = readInit(init);
  if (tracks.length !== traks.length) return [];
  return tracks.flatMap((track, at) => {
    const codec = entryOf(init, track, traks[at] as BoxAt);
    return codec === undefined ? [] : [{ ...track, codec }];
  });
}

function without(bytes: Uint8Array, container: BoxAt, drop: (box: BoxAt) => boolean): Uint8Array {
  const kept = childBoxes(bytes, container.body, container.end).filter((box) => !drop(box));
  const length = kept.reduce((sum, box) => sum + box.end - box.start, container.body - container.start);
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(container.start, container.body));
  new DataView(copy.buffer).setUint32(0, length);
  let at = container.body - container.start;
  for (const box of kept) {
    copy.set(bytes.subarray(box.start, box.end), at);
    at += box.end - box.start;
  }
  return copy;
}

function splice(bytes: Uint8Array, box: BoxAt, replacement: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - (box.end - box.start) + replacement.length);
  result.set(bytes.subarray(0, box.start));
  result.set(replacement, box.start);
  result.set(bytes.subarray(box.end), box.start + replacement.length);
  return result;
}

/** An init segment with these tracks alone. */
export function initWithTracks(init: Uint8Array, keep: ReadonlySet<number>): Uint8Array {
  const moov = childBoxes(init, 0, init.length).find((box) => box.type === "moov");
  if (moov === undefined) return init;
  const trackOf = (trak: BoxAt): number => {
    const tkhd = childBox(init, trak, "tkhd");
    return tkhd === undefined ? 0 : readU32(init, tkhd.body + (init[tkhd.body] === 1 ? 20 : 12));
  };
  const smaller = splice(
    init,
    moov,
    without(init, moov, (box) => box.type === "trak" && !keep.has(trackOf(box))),
  );
  const kept = childBoxes(smaller, 0, smaller.length).find((box) => box.type === "moov");
  const mvex = kept && childBox(smaller, kept, "mvex");
  if (kept === undefined || mvex === undefined) return smaller;
  const trimmed = splice(
    smaller,
    mvex,
    without(smaller, mvex, (box) => box.type === "trex" && !keep.has(readU32(smaller, box.body + 4))),
  );
  new DataView(trimmed.buffer).setUint32(kept.start, kept.end - kept.start - (smaller.length - trimmed.length));
  return trimmed;
}

/** A fragment's first bytes with these tracks alone; the payload stays as it is, with bytes nobody points to. */
export function headWithTracks(head: Uint8Array, keep: ReadonlySet<number>): Uint8Array {
  const moof = childBoxes(head, 0, head.length).find((box) => box.type === "moof");
  if (moof === undefined) return head;
  const dropped = without(head, moof, (box) => {
    const tfhd = box.type === "traf" ? childBox(head, box, "tfhd") : undefined;
    return tfhd !== undefined && !keep.has(readU32(head, tfhd.body + 4));
  });
  const shrink = moof.end - moof.start - dropped.length;
  if (shrink === 0) return head;
  const result = splice(head, moof, dropped);
  const view = new DataView(result.buffer);
  for (const traf of childBoxes(result, moof.start + 8, moof.start + dropped.length)) {
    const trun = traf.type === "traf" ? childBox(result, traf, "trun") : undefined;
    if (trun !== undefined && (view.getUint32(trun.body) & 1) === 1) view.setInt32(trun.body + 8, view.getInt32(trun.body + 8) - shrink);
  }
  return result;
}
