import { useCallback, useEffect, useRef, useState } from "react";
import type { DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Camera } from "@mingjian/contract";
import { socketUrl } from "../api/client.ts";
import { cameraLook, hasSub } from "../app/camera-state.ts";
import { rightsOf } from "../app/rights.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { faultText, stateText } from "../i18n/words.ts";
import { LivePlayer } from "../player/live-player.ts";
import type { LiveState } from "../player/live-player.ts";
import { codecWord } from "../player/messages.ts";
import { clockText } from "../time/zone-time.ts";
import { Icon } from "../ui/icons.tsx";
import { Watermark } from "../ui/watermark.tsx";
import { CAMERA_DRAG_TYPE } from "./camera-tree.tsx";
import { streamFor } from "./layout.ts";
import type { WallSize } from "./layout.ts";

const CLOCK_MS = 200;
const RECENT_MS = 30_000;

export interface TileProps {
  readonly index: number;
  readonly size: WallSize;
  readonly camera: Camera | undefined;
  readonly chosen: boolean;
  readonly maximised: boolean;
  readonly onChoose: (tile: number) => void;
  readonly onMaximise: (tile: number) => void;
  readonly onClear: (tile: number) => void;
  readonly onDrop: (tile: number, camera: string) => void;
}

/** One place of the wall: empty, or a camera's live picture with its name, clock and what is wrong. */
export function Tile(props: TileProps) {
  const { t } = useTranslation();
  const { index, camera, chosen, maximised, onChoose, onMaximise, onDrop } = props;
  const [over, setOver] = useState(false);
  const takesCamera = (event: DragEvent): boolean => event.dataTransfer.types.includes(CAMERA_DRAG_TYPE);
  const number = index + 1;
  return (
    <div
      className={`tile${chosen ? " chosen" : ""}${maximised ? " maximised" : ""}${over ? " over" : ""}`}
      role="group"
      tabIndex={0}
      data-tile={index}
      data-camera={camera?.id}
      aria-label={camera === undefined ? t("wall.tileEmptyLabel", { index: number }) : t("wall.tileLabel", { index: number, name: camera.name })}
      onClick={() => onChoose(index)}
      onFocus={() => onChoose(index)}
      onDoubleClick={() => camera && onMaximise(index)}
      onDragOver={(event) => {
        if (!takesCamera(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const dropped = event.dataTransfer.getData(CAMERA_DRAG_TYPE);
        if (dropped !== "") onDrop(index, dropped);
      }}
    >
      {camera === undefined ? (
        <div className="tile-empty">{over ? t("wall.dropHere") : t("wall.emptyTile")}</div>
      ) : (
        <LivePicture key={camera.id} {...props} camera={camera} />
      )}
      {camera === undefined ? null : <TileButtons {...props} camera={camera} />}
    </div>
  );
}

function TileButtons({ index, camera, maximised, onMaximise, onClear }: TileProps & { readonly camera: Camera }) {
  const { t } = useTranslation();
  const mayPlayBack = rightsOf(useMe().user.roles).playback;
  return (
    <div className="tile-buttons" onDoubleClick={(event) => event.stopPropagation()}>
      {mayPlayBack ? (
        <Link
          href={`/playback?camera=${camera.id}&at=${new Date(Date.now() - RECENT_MS).toISOString()}`}
          title={t("wall.toPlayback")}
          aria-label={t("wall.toPlayback")}
        >
          <Icon name="history" />
        </Link>
      ) : null}
      <button
        type="button"
        title={t(maximised ? "wall.restore" : "wall.maximise")}
        aria-label={t(maximised ? "wall.restore" : "wall.maximise")}
        onClick={() => onMaximise(index)}
      >
        <Icon name={maximised ? "shrink" : "grow"} />
      </button>
      <button type="button" title={t("wall.clearTile")} aria-label={t("wall.clearTile")} onClick={() => onClear(index)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function LivePicture({ size, camera, maximised }: TileProps & { readonly camera: Camera }) {
  const { t } = useTranslation();
  const me = useMe();
  const { grants } = useStation();
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer | undefined>(undefined);
  const [state, setState] = useState<LiveState>({ kind: "connecting" });
  const [mainUnsupported, setMainUnsupported] = useState<string>();
  const [turn, setTurn] = useState(0);
  const stream = streamFor(size, maximised, hasSub(camera), mainUnsupported !== undefined);
  const id = camera.id;
  const sub = hasSub(camera);

  useEffect(() => {
    const element = video.current;
    if (element === null || !camera.enabled) return;
    setState({ kind: "connecting" });
    const made = new LivePlayer(element, {
      urlFor: async (fresh) => {
        if (fresh) grants.forget(id, true);
        const grant = await grants.live(id, t("wall.purpose"));
        return socketUrl(`/media/v1/live?camera=${id}&stream=${stream}&grant=${grant}`);
      },
      onState: (next) => {
        if (next.kind === "unsupported" && stream === "main" && sub) setMainUnsupported(next.mime);
        setState(next);
      },
    });
    player.current = made;
    return () => {
      player.current = undefined;
      made.dispose();
    };
  }, [id, stream, sub, camera.enabled, grants, t, turn]);

  return (
    <>
      <video ref={video} muted playsInline aria-label={camera.name} data-stream={stream} data-state={state.kind} />
      <Watermark text={`${me.user.displayName} ${me.user.name}`} />
      {camera.enabled ? (
        <LiveNote
          state={state}
          onAgain={() => setTurn((old) => old + 1)}
          fallback={mainUnsupported !== undefined && stream === "sub" ? mainUnsupported : undefined}
        />
      ) : (
        <div className="tile-cover calm">
          <b>{t("statusWords.disabled")}</b>
        </div>
      )}
      <div className="tile-name">
        <i className={`dot dot-${state.kind === "playing" ? "online" : cameraLook(camera) === "online" ? "connecting" : cameraLook(camera)}`} />
        <b>{camera.name}</b>
        {sub ? <span className="which">{t(stream === "main" ? "wall.main" : "wall.sub")}</span> : null}
        <PictureClock player={player} />
      </div>
    </>
  );
}

/** The time of the picture that is shown, not of this computer. */
function PictureClock({ player }: { readonly player: { readonly current: LivePlayer | undefined } }) {
  const { t } = useTranslation();
  const { zone } = useStation();
  const [text, setText] = useState<string>();
  const read = useCallback(() => {
    const at = player.current?.shownUtcMs();
    setText(at === undefined ? undefined : clockText(at, zone));
  }, [player, zone]);
  useEffect(() => {
    const timer = setInterval(read, CLOCK_MS);
    return () => clearInterval(timer);
  }, [read]);
  return <span className="time">{text ?? t("live.noClock")}</span>;
}

function LiveNote({ state, onAgain, fallback }: { readonly state: LiveState; readonly onAgain: () => void; readonly fallback: string | undefined }) {
  const { t } = useTranslation();
  if (state.kind === "ended") {
    return (
      <div className="tile-cover" role="alert" data-ended={state.code}>
        <b>{t("live.ended")}</b>
        <p>{faultText(state.code, state.detail)}</p>
        <button type="button" onClick={onAgain}>
          {t("live.again")}
        </button>
      </div>
    );
  }
  if (state.kind === "unsupported") {
    const codec = codecWord(state.mime);
    return (
      <div className="tile-cover" role="alert">
        <b>{t("live.unsupported", { codec })}</b>
        <p>{t("live.unsupportedHint", { codec })}</p>
      </div>
    );
  }
  const note = noteOf(state, t);
  if (note !== undefined)
    return (
      <div className={`tile-note${note.quiet ? " quiet" : note.bad ? " bad" : ""}`} role="status">
        {note.text}
      </div>
    );
  if (fallback !== undefined) return <div className="tile-note quiet">{t("live.fallback", { codec: codecWord(fallback) })}</div>;
  return null;
}

interface Note {
  readonly text: string;
  readonly quiet: boolean;
  readonly bad: boolean;
}

function noteOf(state: LiveState, t: ReturnType<typeof useTranslation>["t"]): Note | undefined {
  switch (state.kind) {
    case "connecting":
      return { text: t("live.connecting"), quiet: true, bad: false };
    case "waiting":
      return {
        text: t("live.waiting", { cause: state.fault === null ? stateText(state.state) : faultText(state.fault) }),
        quiet: false,
        bad: state.fault !== null,
      };
    case "delayed":
      return {
        text: t(state.frozen ? "live.frozen" : "live.delayed", { seconds: Math.round(state.delayMs / 1000) }),
        quiet: false,
        bad: true,
      };
    case "reconnecting":
      return {
        text: state.code === undefined ? t("live.reconnecting", { attempt: state.attempt }) : faultText(state.code),
        quiet: false,
        bad: false,
      };
    case "hidden":
      return { text: t("live.hidden"), quiet: true, bad: false };
    default:
      return undefined;
  }
}
