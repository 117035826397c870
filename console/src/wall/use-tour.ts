import { useCallback, useEffect, useMemo, useState } from "react";
import { useStation } from "../app/station.tsx";
import type { WallSize } from "./layout.ts";
import { TOUR_DWELL_SECONDS, tourPage } from "./tour.ts";

export interface Tour {
  readonly on: boolean;
  readonly toggle: () => void;
  readonly dwell: number;
  readonly setDwell: (seconds: number) => void;
  /** What the wall shows now; undefined when there is no tour. */
  readonly tiles: readonly (string | null)[] | undefined;
  readonly page: number;
  readonly pages: number;
}

/** A tour over all enabled cameras: which page is shown, and how many there are. */
export function useTour(size: WallSize): Tour {
  const { cameras } = useStation();
  const [on, setOn] = useState(false);
  const [dwell, setDwell] = useState<number>(TOUR_DWELL_SECONDS[1]);
  const [turn, setTurn] = useState(0);
  const all = useMemo(() => (cameras ?? []).filter((camera) => camera.enabled).map((camera) => camera.id), [cameras]);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => setTurn((old) => old + 1), dwell * 1000);
    return () => clearInterval(timer);
  }, [on, dwell]);
  const toggle = useCallback(() => {
    setTurn(0);
    setOn((old) => !old);
  }, []);
  const pages = Math.max(1, Math.ceil(all.length / size));
  return {
    on,
    toggle,
    dwell,
    setDwell,
    tiles: on ? tourPage(all, size, turn) : undefined,
    page: (turn % pages) + 1,
    pages,
  };
}
