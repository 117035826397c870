import { App } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Camera } from "@mingjian/contract";
import type { GroupNotice } from "../player/playback-group.ts";
import { bandStart } from "../timeline/bands.ts";
import type { TimelineRow } from "../timeline/draw.ts";
import { centredOn, panBy, spanOf, withInside } from "../timeline/geometry.ts";
import type { View } from "../timeline/geometry.ts";
import { useBands } from "../timeline/use-bands.ts";
import { addressOf } from "./address.ts";
import { useGroup } from "./use-group.ts";
import type { GroupDoor } from "./use-group.ts";

const START_SPAN_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
/** Footage this young is not yet on the disk. */
const NEWEST_MS = 500;
/** A seek to a gap lands a little before it, so that one sees the last picture and then the gap. */
const BEFORE_GAP_MS = 1000;
const INSIDE_RECORDED_MS = 50;

export interface Watch extends GroupDoor {
  readonly timelineView: View;
  readonly setTimelineView: (view: View) => void;
  readonly rows: readonly TimelineRow[];
  readonly seek: (utcMs: number) => void;
  readonly seekDay: (dayStartUtcMs: number) => void;
  readonly toBand: (kind: "gap" | "recorded", direction: 1 | -1) => void;
  readonly share: () => void;
}

/** The cameras that play together, their timeline, and the ways to move in time. */
export function useWatch(
  cameras: readonly Camera[],
  startUtcMs: number,
  purpose: string | undefined,
  tell: (text: string) => void,
  onNotice: (notice: GroupNotice) => void,
): Watch {
  const { t } = useTranslation();
  const share = useShare();
  const ids = useMemo(() => cameras.map((camera) => camera.id), [cameras]);
  const [timelineView, setTimelineView] = useState<View>(() => centredOn(startUtcMs, START_SPAN_MS));
  const door = useGroup(ids, startUtcMs, purpose, onNotice);
  const { group, view } = door;
  const bands = useBands(ids, timelineView);
  const rows = useMemo(() => cameras.map(({ id, name }) => ({ camera: id, name, bands: bands.get(id)?.bands ?? [] })), [cameras, bands]);
  const shownView = view.playing ? following(timelineView, view.utcMs) : timelineView;
  if (shownView !== timelineView) setTimelineView(shownView);

  const seek = useCallback(
    (at: number) => {
      const bounded = Math.min(at, Date.now() - NEWEST_MS);
      group.seek(bounded);
      setTimelineView((old) => withInside(old, bounded, 0.02));
    },
    [group],
  );
  const begun = useRef(false);
  useEffect(() => {
    if (purpose === undefined || ids.length === 0 || begun.current) return;
    begun.current = true;
    group.play();
  }, [purpose, ids, group]);

  const toBand = (kind: "gap" | "recorded", direction: 1 | -1): void => {
    const starts = rows.flatMap((row) => bandStart(row.bands, kind, view.utcMs, direction) ?? []);
    const nearest = direction === 1 ? Math.min(...starts) : Math.max(...starts);
    if (starts.length === 0) tell(t(kind === "gap" ? "playback.noMoreGap" : "playback.noMoreRecorded"));
    else seek(nearest + (kind === "gap" ? -BEFORE_GAP_MS : INSIDE_RECORDED_MS));
  };
  const seekDay = (day: number): void => {
    setTimelineView({ from: day, to: day + DAY_MS });
    seek(firstRecorded(rows, day) ?? day);
  };
  return { ...door, timelineView, setTimelineView, rows, seek, seekDay, toBand, share: () => share(ids, group.utcMs) };
}

/** The view moved on when the playhead is about to leave it. */
function following(view: View, utcMs: number): View {
  const leaves = utcMs > view.to - spanOf(view) * 0.04 || utcMs < view.from;
  return leaves ? panBy(view, utcMs - view.from - spanOf(view) * 0.3) : view;
}

function firstRecorded(rows: readonly TimelineRow[], day: number): number | undefined {
  const starts = rows
    .flatMap((row) => row.bands)
    .filter((band) => band.kind === "recorded" && band.to > day && band.from < day + DAY_MS)
    .map((band) => Math.max(day, band.from));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Copies a link to this moment; where the browser forbids that, shows it. */
function useShare(): (cameras: readonly string[], utcMs: number) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (cameras, utcMs) => {
    const address = `${location.origin}${addressOf(cameras, utcMs)}`;
    const copied = navigator.clipboard?.writeText(address) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => void message.success(t("playback.shared")),
      () => window.prompt(t("playback.share"), address),
    );
  };
}
