export const PLAYBACK_CAMERAS_MAX = 4;

/** What a playback address asks for: cameras and an instant, UTC milliseconds. */
export function readAddress(search: string): { cameras: string[]; at: number | undefined } {
  const query = new URLSearchParams(search);
  const at = Date.parse(query.get("at") ?? "");
  const cameras = [...new Set(query.getAll("camera"))].slice(0, PLAYBACK_CAMERAS_MAX);
  return { cameras, at: Number.isNaN(at) ? undefined : at };
}

export function addressOf(cameras: readonly string[], utcMs: number): string {
  const query = new URLSearchParams(cameras.map((camera) => ["camera", camera]));
  query.set("at", new Date(utcMs).toISOString());
  return `/playback?${query.toString()}`;
}
