import { closeSync, fstatSync, openSync, readSync, readdirSync } from "node:fs";
import path from "node:path";

const CONTAINERS = new Set(["moov", "trak", "mdia", "minf", "stbl", "moof", "traf"]);

/** Samples in one MP4 file: those of every trun and stsz (ISO/IEC 14496-12 8.8.8, 8.7.3). A file that is no MP4 has none. */
export function framesInFile(file: string): number {
  const handle = openSync(file, "r");
  const head = Buffer.alloc(20);
  let frames = 0;
  const walk = (from: number, to: number): void => {
    for (let at = from; at + 8 <= to;) {
      const have = readSync(handle, head, 0, 20, at);
      let size = have < 8 ? 0 : head.readUInt32BE(0);
      const type = head.toString("latin1", 4, 8);
      if (size === 1) size = Number(head.readBigUInt64BE(8));
      if (size === 0) size = to - at;
      if (size < 8 || at + size > to) return;
      if (CONTAINERS.has(type)) walk(at + 8, at + size);
      else if (type === "trun") frames += head.readUInt32BE(12);
      else if (type === "stsz") frames += head.readUInt32BE(16);
      at += size;
    }
  };
  try {
    const { size } = fstatSync(handle);
    readSync(handle, head, 0, 20, 0);
    if (head.toString("latin1", 4, 8) === "ftyp") walk(0, size);
  } finally {
    closeSync(handle);
  }
  return frames;
}

/** Samples in all MP4 files below a folder. */
export function framesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + framesInFile(path.join(entry.parentPath, entry.name)), 0);
}
