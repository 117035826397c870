import { Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon, TilesIcon } from "../ui/icons.tsx";
import { WALL_SIZES } from "./layout.ts";
import type { WallSize } from "./layout.ts";
import { TOUR_DWELL_SECONDS } from "./tour.ts";
import type { Tour } from "./use-tour.ts";

export interface WallToolsProps {
  readonly size: WallSize;
  readonly empty: boolean;
  readonly treeShown: boolean;
  readonly tour: Tour;
  readonly onTree: () => void;
  readonly onSize: (size: WallSize) => void;
  readonly onClearAll: () => void;
  readonly onFullScreen: () => void;
}

function useFullScreen(): boolean {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const onChange = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, []);
  return full;
}

/** The buttons over the wall. */
export function WallTools(props: WallToolsProps) {
  const { size, empty, treeShown, tour, onTree, onSize, onClearAll, onFullScreen } = props;
  const { t } = useTranslation();
  const full = useFullScreen();
  const treeWord = t(treeShown ? "wall.hideTree" : "wall.showTree");
  return (
    <div className="tools" role="toolbar" aria-label={t("nav.wall")}>
      <button type="button" className="tool" aria-pressed={treeShown} title={treeWord} aria-label={treeWord} onClick={onTree}>
        <Icon name={treeShown ? "left" : "right"} />
      </button>
      <span className="tools-sep" />
      {WALL_SIZES.map((count) => {
        const word = t("wall.tiles", { count });
        return (
          <button key={count} type="button" className="tool" aria-pressed={size === count} title={word} aria-label={word} onClick={() => onSize(count)}>
            <TilesIcon side={Math.sqrt(count)} />
          </button>
        );
      })}
      <span className="tools-sep" />
      <TourTools tour={tour} />
      <span className="gap" />
      <span className="dim">{t("wall.hint")}</span>
      <button type="button" className="tool" disabled={tour.on || empty} onClick={onClearAll}>
        {t("wall.clearAll")}
      </button>
      <button type="button" className="tool" onClick={onFullScreen}>
        <Icon name="full" />
        {t(full ? "wall.exitFullScreen" : "wall.fullScreen")}
      </button>
    </div>
  );
}

function TourTools({ tour }: { readonly tour: Tour }) {
  const { t } = useTranslation();
  const dwells = TOUR_DWELL_SECONDS.map((count: number) => ({ value: count, label: t("wall.seconds", { count }) }));
  return (
    <>
      <button type="button" className="tool" aria-pressed={tour.on} onClick={tour.toggle}>
        {t(tour.on ? "wall.tourStop" : "wall.tour")}
      </button>
      <Select size="small" aria-label={t("wall.dwell")} value={tour.dwell} onChange={tour.setDwell} options={dwells} />
      {tour.on ? <span className="dim">{t("wall.tourPage", { page: tour.page, pages: tour.pages })}</span> : null}
    </>
  );
}
