import type { InputRef } from "antd";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import type { Camera } from "@mingjian/contract";
import { forgetPurpose, keepPurpose, keptPurpose } from "../access/purpose.ts";
import { useStation } from "../app/station.tsx";
import { useShortcuts } from "../app/use-shortcuts.ts";
import { EmptyNote } from "../ui/empty-note.tsx";
import { CameraTree } from "../wall/camera-tree.tsx";
import { act } from "./act.ts";
import type { PlaybackAction } from "./act.ts";
import { PLAYBACK_CAMERAS_MAX, addressOf, readAddress } from "./address.ts";
import { Calendar } from "./calendar.tsx";
import { Controls } from "./controls.tsx";
import { PurposeCard } from "./purpose-card.tsx";
import { RecordedPicture } from "./stage.tsx";
import { TimelinePanel } from "./timeline-panel.tsx";
import { useNotice } from "./use-notice.ts";
import { useWatch } from "./use-watch.ts";
import type { Watch } from "./use-watch.ts";

const START_BACK_MS = 60_000;

export function PlaybackPage() {
  const { t } = useTranslation();
  const { cameras: all, units, zone } = useStation();
  const [, navigate] = useLocation();
  const search = useSearch();
  const [asked] = useState(() => readAddress(search));
  const [chosen, setChosen] = useState<readonly string[]>(asked.cameras);
  const [start] = useState(() => asked.at ?? Date.now() - START_BACK_MS);
  const [purpose, setPurpose] = useState(keptPurpose);
  const { notice, tell, onGroup } = useNotice();
  const cameras = useMemo(() => chosen.flatMap((id) => all?.find((camera) => camera.id === id) ?? []), [chosen, all]);
  const watch = useWatch(cameras, start, purpose, tell, onGroup);
  const utcMs = watch.view.utcMs;

  const choose = (id: string): void => {
    const ids = cameras.map((camera) => camera.id);
    if (!ids.includes(id) && ids.length >= PLAYBACK_CAMERAS_MAX) {
      tell(t("playback.tooMany", { count: PLAYBACK_CAMERAS_MAX }));
      return;
    }
    const next = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
    setChosen(next);
    navigate(addressOf(next, utcMs), { replace: true });
  };
  const state = (next: string | undefined): void => {
    if (next === undefined) forgetPurpose();
    else keepPurpose(next);
    setPurpose(next);
  };
  if (all === undefined)
    return (
      <div className="page-wait" role="status">
        {t("app.loading")}
      </div>
    );
  const ids = cameras.map((camera) => camera.id);
  return (
    <div className="split">
      <aside className="tree">
        <CameraTree cameras={all} units={units} shown={new Set(ids)} onChoose={choose} />
        <Calendar cameras={ids} zone={zone} utcMs={utcMs} onDay={watch.seekDay} />
      </aside>
      <Watching watch={watch} cameras={cameras} purpose={purpose} notice={notice} onPurpose={state} onRemove={choose} />
    </div>
  );
}

interface WatchingProps {
  readonly watch: Watch;
  readonly cameras: readonly Camera[];
  readonly purpose: string | undefined;
  readonly notice: string | undefined;
  readonly onPurpose: (purpose: string | undefined) => void;
  readonly onRemove: (camera: string) => void;
}

/** The pictures with their buttons and timeline; before a purpose is stated, the question for it. */
function Watching(props: WatchingProps) {
  const { watch, cameras, purpose, onPurpose } = props;
  const { t } = useTranslation();
  const { zone } = useStation();
  const [, navigate] = useLocation();
  const stage = useRef<HTMLDivElement>(null);
  const goTo = useRef<InputRef>(null);
  const { group, seek, toBand, share } = watch;
  const { utcMs, playing, rate } = watch.view;
  const fullScreen = (): void => {
    if (document.fullscreenElement === null) void stage.current?.requestFullscreen().catch(() => undefined);
    else void document.exitFullscreen();
  };
  const deeds = { group, playing, rate, seek, toBand, share, fullScreen, goTo: () => goTo.current?.focus() };
  const doing = (action: PlaybackAction): boolean => act(action, deeds);
  useShortcuts("playback", doing);
  const changePurpose = (): void => {
    group.pause();
    onPurpose(undefined);
  };
  const [first] = cameras;
  return (
    <div className="work" ref={stage}>
      {first === undefined ? (
        <EmptyNote title={t("playback.emptyTitle")} text={t("playback.emptyText")} />
      ) : (
        <>
          <Stage {...props} />
          <Controls
            utcMs={utcMs}
            zone={zone}
            playing={playing}
            rate={rate}
            ready={purpose !== undefined}
            goToRef={goTo}
            act={doing}
            onRate={(next) => group.setRate(next)}
            onGoTo={seek}
          />
          <TimelinePanel
            rows={watch.rows}
            view={watch.timelineView}
            utcMs={utcMs}
            rate={rate}
            purpose={purpose}
            onSeek={seek}
            onView={watch.setTimelineView}
            onChangePurpose={changePurpose}
            onLive={() => navigate(`/?camera=${first.id}`)}
          />
        </>
      )}
    </div>
  );
}

function Stage({ watch, cameras, purpose, notice, onPurpose, onRemove }: WatchingProps) {
  const { standings, utcMs } = watch.view;
  return (
    <div className={`stage stage-${purpose === undefined ? 1 : cameras.length}`}>
      {purpose === undefined ? (
        <PurposeCard initial="" onPurpose={onPurpose} />
      ) : (
        cameras.map((camera, i) => (
          <RecordedPicture
            key={camera.id}
            camera={camera}
            standing={standings[i]}
            utcMs={utcMs}
            attach={watch.attach}
            onAgain={watch.again}
            onRemove={cameras.length > 1 ? onRemove : undefined}
          />
        ))
      )}
      {notice === undefined ? null : (
        <div className="stage-toast" role="status">
          {notice}
        </div>
      )}
    </div>
  );
}
