import { useCallback, useState } from "react";
import { cleared, placed, resized } from "./layout.ts";
import type { WallLayout, WallSize } from "./layout.ts";
import { useLayout } from "./use-layout.ts";

export interface Wall {
  readonly layout: WallLayout;
  readonly maximised: number | undefined;
  readonly size: (count: WallSize) => void;
  readonly maximise: (tile: number) => void;
  readonly restore: () => void;
  readonly choose: (tile: number) => void;
  readonly clear: (tile: number) => void;
  readonly clearAll: () => void;
  readonly put: (tile: number, camera: string) => void;
}

/** The wall's layout and everything that may be done to it. */
export function useWall(): Wall {
  const { layout, change } = useLayout();
  const [maximised, setMaximised] = useState<number>();
  const restore = useCallback(() => setMaximised(undefined), []);
  const size = useCallback(
    (count: WallSize) => {
      setMaximised(undefined);
      change((old) => resized(old, count));
    },
    [change],
  );
  const clear = useCallback(
    (tile: number) => {
      setMaximised(undefined);
      change((old) => cleared(old, tile));
    },
    [change],
  );
  const maximise = useCallback((tile: number) => setMaximised((old) => (old === tile ? undefined : tile)), []);
  const choose = useCallback((tile: number) => change((old) => (old.chosen === tile ? old : { ...old, chosen: tile })), [change]);
  const put = useCallback((tile: number, camera: string) => change((old) => placed(old, tile, camera)), [change]);
  const clearAll = useCallback(() => change((old) => ({ ...old, tiles: old.tiles.map(() => null), chosen: 0 })), [change]);
  return { layout, maximised, size, maximise, restore, choose, clear, clearAll, put };
}
