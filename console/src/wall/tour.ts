export const TOUR_DWELL_SECONDS = [5, 10, 20, 30, 60] as const;

/** Cameras of page `turn` of a tour over all cameras, `size` a page; the last page is filled from the start. */
export function tourPage(cameras: readonly string[], size: number, turn: number): (string | null)[] {
  if (cameras.length === 0) return Array.from({ length: size }, () => null);
  if (cameras.length <= size) return Array.from({ length: size }, (_, i) => cameras[i] ?? null);
  const pages = Math.ceil(cameras.length / size);
  const first = (turn % pages) * size;
  return Array.from({ length: size }, (_, i) => cameras[(first + i) % cameras.length] ?? null);
}
