export const WALL_SIZES = [1, 4, 9, 16] as const;
export type WallSize = (typeof WALL_SIZES)[number];
/** Tiles from which the sub-stream is shown when there is one. */
export const SUB_TILES_MIN = 4;

/** What a wall shows. `tiles` has one entry a tile: a camera id or null. */
export interface WallLayout {
  readonly size: WallSize;
  readonly tiles: readonly (string | null)[];
  /** The tile that the next click of the tree fills. */
  readonly chosen: number;
}

export const EMPTY_WALL: WallLayout = { size: 4, tiles: [null, null, null, null], chosen: 0 };

export function isWallSize(value: unknown): value is WallSize {
  return WALL_SIZES.some((size) => size === value);
}

/** Another number of tiles; cameras move up so that as many as fit stay. */
export function resized(layout: WallLayout, size: WallSize): WallLayout {
  const kept = layout.tiles.slice(0, size);
  const spill = layout.tiles.slice(size).filter((camera) => camera !== null);
  const tiles = Array.from({ length: size }, (_, i) => kept[i] ?? spill.shift() ?? null);
  return { size, tiles, chosen: Math.min(layout.chosen, size - 1) };
}

/** Puts a camera into a tile. Where the wall shows it already, the two tiles change places. */
export function placed(layout: WallLayout, tile: number, camera: string): WallLayout {
  if (tile < 0 || tile >= layout.size) return layout;
  const tiles = [...layout.tiles];
  const old = tiles.indexOf(camera);
  if (old >= 0 && old !== tile) tiles[old] = tiles[tile] ?? null;
  tiles[tile] = camera;
  return { ...layout, tiles, chosen: nextChosen(tiles, tile) };
}

/** After a tile was filled: the next empty one, or the next. */
function nextChosen(tiles: readonly (string | null)[], from: number): number {
  for (let step = 1; step <= tiles.length; step += 1) {
    const at = (from + step) % tiles.length;
    if (tiles[at] === null) return at;
  }
  return (from + 1) % tiles.length;
}

export function cleared(layout: WallLayout, tile: number): WallLayout {
  return { ...layout, tiles: layout.tiles.map((camera, i) => (i === tile ? null : camera)), chosen: tile };
}

/** Fills the wall from the first camera on, for a person who has not yet chosen. */
export function filled(size: WallSize, cameras: readonly string[]): WallLayout {
  return { size, tiles: Array.from({ length: size }, (_, i) => cameras[i] ?? null), chosen: 0 };
}

/** Reads a kept layout; cameras that are gone leave their tile empty. Undefined when the text is none. */
export function parseLayout(text: string | null, known: ReadonlySet<string>): WallLayout | undefined {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("size" in value) || !("tiles" in value)) return undefined;
    const { size, tiles } = value;
    if (!isWallSize(size) || !Array.isArray(tiles)) return undefined;
    const read = Array.from({ length: size }, (_, i) => {
      const camera: unknown = tiles[i];
      return typeof camera === "string" && known.has(camera) ? camera : null;
    });
    return { size, tiles: read, chosen: Math.max(0, read.indexOf(null)) };
  } catch {
    return undefined;
  }
}

/** Which stream a tile shows: the main one when it is large, else the sub-stream when there is one. */
export function streamFor(size: WallSize, maximised: boolean, hasSub: boolean, mainUnsupported: boolean): "main" | "sub" {
  if (mainUnsupported && hasSub) return "sub";
  return hasSub && size >= SUB_TILES_MIN && !maximised ? "sub" : "main";
}
