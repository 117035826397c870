import { formatUtc, parseStreamId, streamId } from "@mingjian/vocab";
import type { CameraId, StreamId, StreamRole, UtcMs } from "@mingjian/vocab";
import { assert } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Disk } from "../ports/index.ts";

/** Version of the footage folder's layout and formats. */
export const FORMAT_VERSION = 1;
export const FORMAT_FILE = "format.json";
export const CHAIN_FOLDER = "chain";

/** `<camera>/<role>`, below the footage root. */
export function streamFolder(stream: StreamId): string {
  const parts = parseStreamId(stream);
  assert(parts !== undefined, "a stream id has a camera and a role");
  return `${parts.camera}/${parts.role}`;
}

/** `2026-11-22`, the UTC day. */
export function dayName(at: UtcMs): string {
  return formatUtc(at).slice(0, 10);
}

/** `20261122T101500.000Z-00000017.mp4`: when it begins, and the segment's number in its stream. */
export function segmentName(at: UtcMs, number: number): string {
  return `${formatUtc(at).replaceAll(/[-:]/g, "")}-${String(number).padStart(8, "0")}.mp4`;
}

const SEGMENT_NAME = /^\d{8}T\d{6}\.\d{3}Z-(\d{8,})\.mp4$/;

/** The number in a segment's name; undefined when the name is not one. */
export function segmentNumber(name: string): number | undefined {
  const found = SEGMENT_NAME.exec(name.slice(name.lastIndexOf("/") + 1));
  return found === null ? undefined : Number(found[1]);
}

/** Path below the footage root. */
export function segmentPath(stream: StreamId, at: UtcMs, number: number): string {
  return `${streamFolder(stream)}/${dayName(at)}/${segmentName(at, number)}`;
}

const DAY_FOLDER = /^\d{4}-\d{2}-\d{2}\/$/;

/** Names of a stream's day folders, oldest first. */
export async function dayFolders(disk: Disk, root: string, stream: StreamId): Promise<string[]> {
  const names = await disk.list(joinPath(root, streamFolder(stream)));
  return names.filter((name) => DAY_FOLDER.test(name)).map((name) => name.slice(0, -1));
}

/** Every stream that has a folder below the root. */
export async function streamsOnDisk(disk: Disk, root: string): Promise<StreamId[]> {
  const streams: StreamId[] = [];
  for (const camera of await disk.list(root)) {
    if (!camera.endsWith("/")) continue;
    for (const role of await disk.list(joinPath(root, camera))) {
      if (parseStreamId(`${camera.slice(0, -1)}.${role.slice(0, -1)}`) === undefined) continue;
      streams.push(streamId(camera.slice(0, -1) as CameraId, role.slice(0, -1) as StreamRole));
    }
  }
  return streams;
}
