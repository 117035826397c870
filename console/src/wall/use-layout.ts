import { useCallback, useEffect, useState } from "react";
import { useSearch } from "wouter";
import { useStation } from "../app/station.tsx";
import { EMPTY_WALL, filled, parseLayout } from "./layout.ts";
import type { WallLayout } from "./layout.ts";

const KEPT_AS = "mingjian.wall";

function keptLayout(): string | null {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

function keepLayout(layout: WallLayout): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify({ size: layout.size, tiles: layout.tiles }));
  } catch {
    // The wall works without memory too.
  }
}

/** The layout, kept per browser; filled with the first cameras the first time. */
export function useLayout(): { layout: WallLayout; change: (next: (old: WallLayout) => WallLayout) => void } {
  const { cameras } = useStation();
  const [layout, setLayout] = useState<WallLayout>();
  const wanted = new URLSearchParams(useSearch()).get("camera");
  useEffect(() => {
    if (cameras === undefined || layout !== undefined) return;
    const known = new Set(cameras.map((camera) => camera.id));
    if (wanted !== null && known.has(wanted)) setLayout(filled(1, [wanted]));
    else {
      const enabled = cameras.filter((camera) => camera.enabled).map((camera) => camera.id);
      setLayout(parseLayout(keptLayout(), known) ?? filled(enabled.length > 4 ? 9 : 4, enabled));
    }
  }, [cameras, layout, wanted]);
  const change = useCallback((next: (old: WallLayout) => WallLayout) => {
    setLayout((old) => {
      const made = next(old ?? EMPTY_WALL);
      keepLayout(made);
      return made;
    });
  }, []);
  return { layout: layout ?? EMPTY_WALL, change };
}
