import { App } from "antd";
import type { InputRef } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import { forgetPurpose, keepPurpose, keptPurpose } from "../access/purpose.ts";
import { lengthText } from "../app/format.ts";
import type { ShortcutAction } from "../app/shortcuts.ts";
import { useStation } from "../app/station.tsx";
import { useShortcuts } from "../app/use-shortcuts.ts";
import { gapCauseText } from "../i18n/words.ts";
import { PLAYBACK_RATES } from "../player/playback-group.ts";
import type { GroupNotice } from "../player/playback-group.ts";
import { clockText } from "../time/zone-time.ts";
import { bandStart } from "../timeline/bands.ts";
import { centredOn, panBy, spanOf, withInside, zoomAbout } from "../timeline/geometry.ts";
import type { View } from "../timeline/geometry.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { useBands } from "../timeline/use-bands.ts";
import { EmptyNote } from "../ui/empty-note.tsx";
import { Icon } from "../ui/icons.tsx";
import { useNow } from "../ui/use-now.ts";
import { CameraTree } from "../wall/camera-tree.tsx";
import { Calendar } from "./calendar.tsx";
import { Controls } from "./controls.tsx";
import { PurposeCard } from "./purpose-card.tsx";
import { RecordedPicture } from "./stage.tsx";
import { useGroup } from "./use-group.ts";

export const PLAYBACK_CAMERAS_MAX = 4;
const START_BACK_MS = 60_000;
const START_SPAN_MS = 30 * 60_000;
const NOTICE_MS = 6000;

/** What the address asks for: cameras and an instant. */
function readAddress(search: string): { cameras: string[]; at: number | undefined } {
  const query = new URLSearchParams(search);
  const at = Date.parse(query.get("at") ?? "");
  return {
    cameras: [...new Set(query.getAll("camera"))].slice(0, PLAYBACK_CAMERAS_MAX),
    at: Number.isNaN(at) ? undefined : at,
  };
}

function addressOf(cameras: readonly string[], utcMs: number): string {
  const query = new URLSearchParams(cameras.map((camera) => ["camera", camera]));
  query.set("at", new Date(utcMs).toISOString());
  return `/playback?${query.toString()}`;
}

export function PlaybackPage() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { cameras: all, units, zone } = useStation();
  const [, navigate] = useLocation();
  const asked = useRef(readAddress(useSearch()));
  const [chosen, setChosen] = useState<readonly string[]>(asked.current.cameras);
  const [start] = useState(() => asked.current.at ?? Date.now() - START_BACK_MS);
  const [view, setView] = useState<View>(() => centredOn(start, START_SPAN_MS));
  const [purpose, setPurpose] = useState(keptPurpose);
  const [notice, setNotice] = useState<string>();
  const now = useNow();
  const stage = useRef<HTMLDivElement>(null);
  const goTo = useRef<InputRef>(null);

  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => setNotice(undefined), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  const onNotice = useCallback(
    (one: GroupNotice) => {
      setNotice(
        one.kind === "end"
          ? t("playback.end")
          : t("playback.skipped", {
              from: clockText(one.from, zone),
              to: clockText(one.to, zone),
              cause: gapCauseText(one.cause),
            }),
      );
    },
    [t, zone],
  );

  const known = useMemo(() => new Map((all ?? []).map((camera) => [camera.id, camera])), [all]);
  const cameras = useMemo(() => chosen.filter((id) => known.has(id)), [chosen, known]);
  const { view: shown, group, attach, again } = useGroup(cameras, start, purpose, onNotice);
  const bands = useBands(cameras, view);
  const rows = useMemo(
    () => cameras.map((id) => ({ camera: id, name: known.get(id)?.name ?? id, bands: bands.get(id)?.bands ?? [] })),
    [cameras, known, bands],
  );
  const { utcMs, playing, rate } = shown;

  // The playhead stays in sight while it plays.
  useEffect(() => {
    if (playing)
      setView((old) =>
        utcMs > old.to - spanOf(old) * 0.04 || utcMs < old.from
          ? withInside(panBy(old, utcMs - old.from - spanOf(old) * 0.3), utcMs)
          : old,
      );
  }, [playing, utcMs]);
  const seek = useCallback(
    (at: number) => {
      const bounded = Math.min(at, Date.now() - 500);
      group.seek(bounded);
      setView((old) => withInside(old, bounded, 0.02));
    },
    [group],
  );
  const begun = useRef(false);
  useEffect(() => {
    if (purpose === undefined || cameras.length === 0 || begun.current) return;
    begun.current = true;
    group.play();
  }, [purpose, cameras, group]);

  const toBand = (kind: "gap" | "recorded", direction: 1 | -1): void => {
    const starts = rows.flatMap((row) => bandStart(row.bands, kind, utcMs, direction) ?? []);
    if (starts.length === 0) setNotice(t(kind === "gap" ? "playback.noMoreGap" : "playback.noMoreRecorded"));
    // A little before a gap, so that one sees the last picture and then the gap.
    else seek((direction === 1 ? Math.min(...starts) : Math.max(...starts)) - (kind === "gap" ? 1000 : -50));
  };
  const share = (): void => {
    const address = `${location.origin}${addressOf(cameras, utcMs)}`;
    navigator.clipboard.writeText(address).then(
      () => void message.success(t("playback.shared")),
      () => {
        window.prompt(t("playback.share"), address);
      },
    );
  };
  const act = (action: ShortcutAction | "share"): boolean => {
    const rateAt = PLAYBACK_RATES.findIndex((one) => one === rate);
    switch (action) {
      case "playPause":
        if (playing) group.pause();
        else group.play();
        return true;
      case "frameBack":
        group.stepFrame(-1);
        return true;
      case "frameOn":
        group.stepFrame(1);
        return true;
      case "back10":
        seek(utcMs - 10_000);
        return true;
      case "on10":
        seek(utcMs + 10_000);
        return true;
      case "back60":
        seek(utcMs - 60_000);
        return true;
      case "on60":
        seek(utcMs + 60_000);
        return true;
      case "previousGap":
        toBand("gap", -1);
        return true;
      case "nextGap":
        toBand("gap", 1);
        return true;
      case "previousRecorded":
        toBand("recorded", -1);
        return true;
      case "nextRecorded":
        toBand("recorded", 1);
        return true;
      case "slower":
        group.setRate(PLAYBACK_RATES[Math.max(0, rateAt - 1)] ?? 1);
        return true;
      case "faster":
        group.setRate(PLAYBACK_RATES[Math.min(PLAYBACK_RATES.length - 1, rateAt + 1)] ?? 1);
        return true;
      case "goTo":
        goTo.current?.focus();
        return true;
      case "share":
        share();
        return true;
      case "fullScreen":
        if (document.fullscreenElement === null) void stage.current?.requestFullscreen().catch(() => undefined);
        else void document.exitFullscreen();
        return true;
      default:
        return false;
    }
  };
  useShortcuts("playback", act);

  const choose = (id: string): void => {
    if (!chosen.includes(id) && cameras.length >= PLAYBACK_CAMERAS_MAX) {
      setNotice(t("playback.tooMany", { count: PLAYBACK_CAMERAS_MAX }));
      return;
    }
    const next = chosen.includes(id) ? cameras.filter((one) => one !== id) : [...cameras, id];
    setChosen(next);
    navigate(addressOf(next, utcMs), { replace: true });
  };
  if (all === undefined)
    return (
      <div className="page-wait" role="status">
        {t("app.loading")}
      </div>
    );
  const live = (): void => navigate(cameras[0] === undefined ? "/" : `/?camera=${cameras[0]}`);
  return (
    <div className="split">
      <aside className="tree">
        <CameraTree cameras={all} units={units} shown={new Set(cameras)} onChoose={choose} />
        <Calendar
          cameras={cameras}
          zone={zone}
          utcMs={utcMs}
          onDay={(day) => {
            const first = rows.flatMap((row) =>
              row.bands
                .filter((band) => band.kind === "recorded" && band.to > day)
                .map((band) => Math.max(day, band.from)),
            );
            setView({ from: day, to: day + 86_400_000 });
            seek(first.length === 0 ? day : Math.min(...first));
          }}
        />
      </aside>
      <div className="work" ref={stage}>
        {cameras.length === 0 ? (
          <EmptyNote title={t("playback.emptyTitle")} text={t("playback.emptyText")} />
        ) : (
          <>
            <div className={`stage stage-${cameras.length}`}>
              {purpose === undefined ? (
                <PurposeCard
                  initial=""
                  onPurpose={(text) => {
                    keepPurpose(text);
                    setPurpose(text);
                  }}
                />
              ) : (
                cameras.map((id, i) => {
                  const camera = known.get(id);
                  return camera === undefined ? null : (
                    <RecordedPicture
                      key={id}
                      camera={camera}
                      standing={shown.standings[i]}
                      utcMs={utcMs}
                      attach={attach}
                      onAgain={again}
                      onRemove={cameras.length > 1 ? choose : undefined}
                    />
                  );
                })
              )}
              {notice === undefined ? null : (
                <div className="stage-toast" role="status">
                  {notice}
                </div>
              )}
            </div>
            <Controls
              utcMs={utcMs}
              zone={zone}
              playing={playing}
              rate={rate}
              ready={purpose !== undefined}
              goToRef={goTo}
              act={act}
              onRate={(next) => group.setRate(next)}
              onGoTo={seek}
            />
            <div className="timeline">
              <div className="legend">
                {(["recorded", "gap", "alarm", "empty"] as const).map((kind) => (
                  <span key={kind}>
                    <i className={`i-${kind}`} />
                    {t(`bands.${kind}`)}
                  </span>
                ))}
                {rate >= 8 ? <span>{t("playback.keysOnly")}</span> : null}
                <span className="gap" />
                {purpose === undefined ? null : (
                  <span>
                    {t("playback.purposeNow", { purpose })}
                    <button
                      type="button"
                      className="bar-button"
                      onClick={() => {
                        group.pause();
                        forgetPurpose();
                        setPurpose(undefined);
                      }}
                    >
                      {t("playback.purposeChange")}
                    </button>
                  </span>
                )}
                <span>{t("playback.span", { span: lengthText(spanOf(view)) })}</span>
                <button
                  type="button"
                  className="tool"
                  title={t("playback.zoomOut")}
                  aria-label={t("playback.zoomOut")}
                  onClick={() => setView(zoomAbout(view, 0.5, 2))}
                >
                  <Icon name="minus" size={16} />
                </button>
                <button
                  type="button"
                  className="tool"
                  title={t("playback.zoomIn")}
                  aria-label={t("playback.zoomIn")}
                  onClick={() => setView(zoomAbout(view, 0.5, 0.5))}
                >
                  <Icon name="plus" size={16} />
                </button>
                <button type="button" className="tool" onClick={live}>
                  {t("playback.live")}
                </button>
              </div>
              <div className="timeline-body">
                <div className="timeline-names">
                  {rows.map((row) => (
                    <div key={row.camera} title={row.name}>
                      {row.name}
                    </div>
                  ))}
                </div>
                <Timeline
                  view={view}
                  zone={zone}
                  rows={rows}
                  utcMs={utcMs}
                  nowUtcMs={now}
                  onView={setView}
                  onSeek={seek}
                />
              </div>
            </div>
          </>
        )}
      </div>
    </div>
  );
}
