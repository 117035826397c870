import { Button } from "antd";
import type { InputRef } from "antd";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Camera } from "@mingjian/contract";
import { rightsOf } from "../app/rights.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { useShortcuts } from "../app/use-shortcuts.ts";
import { EmptyNote } from "../ui/empty-note.tsx";
import { CameraTree } from "./camera-tree.tsx";
import { isWallSize } from "./layout.ts";
import { Tile } from "./live-tile.tsx";
import { useTour } from "./use-tour.ts";
import { useWall } from "./use-wall.ts";
import type { Wall } from "./use-wall.ts";
import { WallTools } from "./wall-tools.tsx";

export function WallPage() {
  const { t } = useTranslation();
  const { cameras } = useStation();
  if (cameras === undefined)
    return (
      <div className="page-wait" role="status">
        {t("app.loading")}
      </div>
    );
  return cameras.length === 0 ? <NoCameras /> : <LiveWall cameras={cameras} />;
}

function NoCameras() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const { manageCameras } = rightsOf(useMe().user.roles);
  return (
    <EmptyNote title={t("wall.emptyTitle")} text={t(manageCameras ? "wall.emptyText" : "wall.emptyNoRight")}>
      {manageCameras ? (
        <Button type="primary" size="large" onClick={() => navigate("/cameras?add=1")}>
          {t("wall.emptyAdd")}
        </Button>
      ) : null}
    </EmptyNote>
  );
}

function LiveWall({ cameras }: { readonly cameras: readonly Camera[] }) {
  const { units } = useStation();
  const wall = useWall();
  const { layout, maximised, maximise, clear, restore } = wall;
  const tour = useTour(layout.size);
  const [treeShown, setTreeShown] = useState(true);
  const work = useRef<HTMLDivElement>(null);
  const search = useRef<InputRef>(null);
  const tiles = tour.tiles ?? layout.tiles;
  const shown = useMemo(() => new Set(tiles.filter((one) => one !== null)), [tiles]);
  const fullScreen = (): void => {
    if (document.fullscreenElement === null) void work.current?.requestFullscreen().catch(() => undefined);
    else void document.exitFullscreen();
  };
  useShortcuts("wall", (action) => {
    const count = Number(action.slice(4));
    if (action.startsWith("wall") && isWallSize(count)) wall.size(count);
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
    restore();
    return true;
  });
  const choose = (camera: string): void => {
    if (tour.on) tour.toggle();
    wall.put(maximised ?? layout.chosen, camera);
  };
  return (
    <div className="split">
      {treeShown ? (
        <aside className="tree">
          <CameraTree cameras={cameras} units={units} shown={shown} searchRef={search} onChoose={choose} />
        </aside>
      ) : null}
      <div className="work" ref={work}>
        <WallTools
          size={layout.size}
          empty={shown.size === 0}
          treeShown={treeShown}
          tour={tour}
          onTree={() => setTreeShown(!treeShown)}
          onSize={wall.size}
          onClearAll={wall.clearAll}
          onFullScreen={fullScreen}
        />
        <Tiles wall={wall} tiles={tiles} cameras={cameras} />
      </div>
    </div>
  );
}

interface TilesProps {
  readonly wall: Wall;
  readonly tiles: readonly (string | null)[];
  readonly cameras: readonly Camera[];
}

function Tiles({ wall, tiles, cameras }: TilesProps) {
  const { layout, maximised, choose, maximise, clear, put } = wall;
  const byId = useMemo(() => new Map(cameras.map((camera) => [camera.id, camera])), [cameras]);
  // A tile behind a maximised one keeps no stream: only what is looked at is sent.
  const hidden = (index: number): boolean => maximised !== undefined && maximised !== index;
  return (
    <div className={`wall wall-${layout.size}`}>
      {tiles.map((id, index) => (
        <Tile
          key={index}
          index={index}
          size={layout.size}
          chosen={index === layout.chosen && layout.size > 1}
          maximised={maximised === index}
          camera={id === null || hidden(index) ? undefined : byId.get(id)}
          onChoose={choose}
          onMaximise={maximise}
          onClear={clear}
          onDrop={put}
        />
      ))}
    </div>
  );
}
