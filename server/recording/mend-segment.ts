import { SEAL_BYTES, indexBox, readInit } from "@mingjian/media";
import type { SegmentPart } from "@mingjian/media";
import { joinPath } from "../ports/index.ts";
import type { Disk, Hash } from "../ports/index.ts";
import type { MendFacts, SegmentFacts } from "./chain-format.ts";
import { partsFromScan, scanFile, soundParts } from "./segment-file.ts";
import { segmentFacts } from "./segment.ts";

/**
 * Finishes a segment file that a crash or a failing disk left unfinished: cuts it back to its last whole fragment
 * and writes its index. A file without a whole fragment is removed. May be repeated after any failure.
 * @param file path below the root
 */
export async function mendSegment(disk: Disk, hash: Hash, root: string, file: string): Promise<SegmentFacts | MendFacts> {
  const path = joinPath(root, file);
  const open = await disk.open(path, "write");
  let fileBytes = 0;
  let parts: SegmentPart[] = [];
  let codecs = "";
  let size = { width: 0, height: 0 };
  let cutBytes = 0;
  let bytes = 0;
  try {
    fileBytes = await open.size();
    const scan = await scanFile(open, fileBytes);
    const init = scan.parts[0];
    if (init !== undefined) {
      const tracks = readInit(init.head);
      codecs = tracks.map((track) => track.entry).join(",");
      size = tracks.find((track) => track.kind === "video") ?? size;
    }
    parts = partsFromScan(scan.parts.slice(0, await soundParts(open, hash, scan.parts)));
    const last = scan.parts[parts.length - 1];
    const whole = last === undefined ? 0 : last.offset + last.bytes + SEAL_BYTES;
    const index = indexBox(parts);
    if (scan.index !== undefined && parts.length === scan.parts.length) bytes = fileBytes;
    else if (parts.length > 1) {
      cutBytes = scan.index === undefined ? fileBytes - whole : 0;
      await open.truncate(whole);
      await open.writev([index], whole);
      bytes = whole + index.length;
    }
    if (bytes > 0) await open.sync();
  } finally {
    await open.close();
  }
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (parts.length < 2) {
    await disk.remove(path);
    await disk.syncFolder(folder);
    return { kind: "mend", what: "empty-file", file, bytes: fileBytes };
  }
  await disk.syncFolder(folder);
  return { ...segmentFacts(hash, file, bytes, parts, { codecs, width: size.width, height: size.height }), mendedCutBytes: cutBytes };
}
