import { Button, Select } from "antd";
import type { InputRef } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import { rightsOf } from "../app/rights.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { useShortcuts } from "../app/use-shortcuts.ts";
import { EmptyNote } from "../ui/empty-note.tsx";
import { Icon, TilesIcon } from "../ui/icons.tsx";
import { CameraTree } from "./camera-tree.tsx";
import { EMPTY_WALL, WALL_SIZES, cleared, filled, isWallSize, parseLayout, placed, resized } from "./layout.ts";
import type { WallLayout, WallSize } from "./layout.ts";
import { Tile } from "./live-tile.tsx";
import { TOUR_DWELL_SECONDS, tourPage } from "./tour.ts";

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
function useLayout(): { layout: WallLayout; change: (next: (old: WallLayout) => WallLayout) => void } {
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

/** A tour over all enabled cameras: which page is shown, and how many there are. */
function useTour(size: WallSize): {
  on: boolean;
  toggle: () => void;
  dwell: number;
  setDwell: (seconds: number) => void;
  tiles: readonly (string | null)[] | undefined;
  page: number;
  pages: number;
} {
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

export function WallPage() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const { cameras, units } = useStation();
  const rights = rightsOf(useMe().user.roles);
  const { layout, change } = useLayout();
  const tour = useTour(layout.size);
  const [maximised, setMaximised] = useState<number>();
  const [treeShown, setTreeShown] = useState(true);
  const [full, setFull] = useState(false);
  const work = useRef<HTMLDivElement>(null);
  const search = useRef<InputRef>(null);
  useEffect(() => {
    const onChange = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, []);

  const tiles = tour.tiles ?? layout.tiles;
  const byId = useMemo(() => new Map((cameras ?? []).map((camera) => [camera.id, camera])), [cameras]);
  const shown = useMemo(() => new Set(tiles.filter((one) => one !== null)), [tiles]);
  const size = (count: WallSize): void => {
    setMaximised(undefined);
    change((old) => resized(old, count));
  };
  const maximise = useCallback((tile: number) => setMaximised((old) => (old === tile ? undefined : tile)), []);
  const choose = useCallback(
    (tile: number) => change((old) => (old.chosen === tile ? old : { ...old, chosen: tile })),
    [change],
  );
  const clear = useCallback(
    (tile: number) => {
      setMaximised(undefined);
      change((old) => cleared(old, tile));
    },
    [change],
  );
  const put = useCallback((tile: number, camera: string) => change((old) => placed(old, tile, camera)), [change]);
  const fullScreen = (): void => {
    if (document.fullscreenElement === null) void work.current?.requestFullscreen().catch(() => undefined);
    else void document.exitFullscreen();
  };

  useShortcuts("wall", (action) => {
    const wanted = Number(action.slice(4));
    if (action.startsWith("wall") && isWallSize(wanted)) size(wanted);
    else if (action === "fullScreen") fullScreen();
    else if (action === "tour") tour.toggle();
    else if (action === "maximise" && tiles[layout.chosen] != null) maximise(layout.chosen);
    else if (action === "clearTile" && !tour.on) clear(layout.chosen);
    else if (action === "searchCamera") {
      setTreeShown(true);
      setTimeout(() => search.current?.focus(), 0);
    } else return false;
    return true;
  });
  useShortcuts("everywhere", (action) => {
    if (action !== "close" || maximised === undefined) return false;
    setMaximised(undefined);
    return true;
  });

  if (cameras === undefined)
    return (
      <div className="page-wait" role="status">
        {t("app.loading")}
      </div>
    );
  if (cameras.length === 0) {
    return (
      <EmptyNote
        title={t("wall.emptyTitle")}
        text={rights.manageCameras ? t("wall.emptyText") : t("wall.emptyNoRight")}
      >
        {rights.manageCameras ? (
          <Button type="primary" size="large" onClick={() => navigate("/cameras?add=1")}>
            {t("wall.emptyAdd")}
          </Button>
        ) : null}
      </EmptyNote>
    );
  }
  return (
    <div className="split">
      {treeShown ? (
        <aside className="tree">
          <CameraTree
            cameras={cameras}
            units={units}
            shown={shown}
            searchRef={search}
            onChoose={(camera) => {
              if (tour.on) tour.toggle();
              put(maximised ?? layout.chosen, camera);
            }}
          />
        </aside>
      ) : null}
      <div className="work" ref={work}>
        <div className="tools" role="toolbar" aria-label={t("nav.wall")}>
          <button
            type="button"
            className="tool"
            aria-pressed={treeShown}
            title={t(treeShown ? "wall.hideTree" : "wall.showTree")}
            aria-label={t(treeShown ? "wall.hideTree" : "wall.showTree")}
            onClick={() => setTreeShown(!treeShown)}
          >
            <Icon name={treeShown ? "left" : "right"} />
          </button>
          <span className="tools-sep" />
          {WALL_SIZES.map((count) => (
            <button
              key={count}
              type="button"
              className="tool"
              aria-pressed={layout.size === count}
              title={t("wall.tiles", { count })}
              aria-label={t("wall.tiles", { count })}
              onClick={() => size(count)}
            >
              <TilesIcon side={Math.sqrt(count)} />
            </button>
          ))}
          <span className="tools-sep" />
          <button type="button" className="tool" aria-pressed={tour.on} onClick={tour.toggle}>
            {t(tour.on ? "wall.tourStop" : "wall.tour")}
          </button>
          <Select
            size="small"
            aria-label={t("wall.dwell")}
            value={tour.dwell}
            onChange={tour.setDwell}
            options={TOUR_DWELL_SECONDS.map((count) => ({ value: count, label: t("wall.seconds", { count }) }))}
          />
          {tour.on ? <span className="dim">{t("wall.tourPage", { page: tour.page, pages: tour.pages })}</span> : null}
          <span className="gap" />
          <span className="dim">{t("wall.hint")}</span>
          <button
            type="button"
            className="tool"
            disabled={tour.on || shown.size === 0}
            onClick={() => change((old) => ({ ...old, tiles: old.tiles.map(() => null), chosen: 0 }))}
          >
            {t("wall.clearAll")}
          </button>
          <button type="button" className="tool" onClick={fullScreen}>
            <Icon name="full" />
            {t(full ? "wall.exitFullScreen" : "wall.fullScreen")}
          </button>
        </div>
        <div className={`wall wall-${layout.size}`}>
          {tiles.map((id, index) => (
            // A hidden tile behind a maximised one keeps no stream: only what is looked at is sent.
            <Tile
              key={index}
              index={index}
              size={layout.size}
              chosen={index === layout.chosen && layout.size > 1}
              maximised={maximised === index}
              camera={id === null || (maximised !== undefined && maximised !== index) ? undefined : byId.get(id)}
              onChoose={choose}
              onMaximise={maximise}
              onClear={clear}
              onDrop={put}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
