declare const brand: unique symbol;
type Id<Kind extends string> = string & { readonly [brand]: Kind };

/** Ids are 1 to 64 characters of a-z, 0-9 and "-", beginning with a letter or digit: safe in paths, URLs and SQL. */
export type CameraId = Id<"camera">;
export type UnitId = Id<"unit">;
export type SiteId = Id<"site">;
export type UserId = Id<"user">;
export type GrantId = Id<"grant">;
/** One viewing session in the register. */
export type SessionId = Id<"session">;
/** `<cameraId>.<role>`: one stream of one camera. */
export type StreamId = Id<"stream">;
export type StreamRole = "main" | "sub";

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

export function streamId(camera: CameraId, role: StreamRole): StreamId {
  return `${camera}.${role}` as StreamId;
}

/** The parts of a stream id, or undefined when the text is not one. */
export function parseStreamId(text: string): { camera: CameraId; role: StreamRole } | undefined {
  const dot = text.indexOf(".");
  const camera = text.slice(0, Math.max(dot, 0));
  const role = text.slice(dot + 1);
  if (!ID.test(camera) || (role !== "main" && role !== "sub")) return undefined;
  return { camera: camera as CameraId, role };
}
