import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Camera } from "@mingjian/contract";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { faultText, gapCauseText } from "../i18n/words.ts";
import type { Standing } from "../player/group-step.ts";
import { codecWord } from "../player/messages.ts";
import { clockText, dateClockText } from "../time/zone-time.ts";
import { Icon } from "../ui/icons.tsx";
import { Watermark } from "../ui/watermark.tsx";

const EDGE_MS = 120_000;

interface PictureProps {
  readonly camera: Camera;
  readonly standing: Standing | undefined;
  readonly utcMs: number;
  readonly attach: (camera: string, element: HTMLVideoElement | null) => void;
  readonly onAgain: (camera: string) => void;
  readonly onRemove: ((camera: string) => void) | undefined;
}

/** One camera's recorded picture with what there is to say about it. */
export function RecordedPicture({ camera, standing, utcMs, attach, onAgain, onRemove }: PictureProps) {
  const { t } = useTranslation();
  const me = useMe();
  const { zone } = useStation();
  const id = camera.id;
  const ref = useCallback((element: HTMLVideoElement | null) => attach(id, element), [attach, id]);
  return (
    <div className="tile" data-camera={id} role="group" aria-label={camera.name}>
      <video ref={ref} muted playsInline aria-label={camera.name} data-standing={standing?.kind ?? "none"} />
      <Watermark text={`${me.user.displayName} ${me.user.name}`} />
      {standing === undefined ? null : <StandingNote standing={standing} utcMs={utcMs} zone={zone} onAgain={() => onAgain(id)} />}
      {onRemove === undefined ? null : (
        <div className="tile-buttons">
          <button type="button" title={t("playback.removeCamera")} aria-label={t("playback.removeCamera")} onClick={() => onRemove(id)}>
            <Icon name="close" />
          </button>
        </div>
      )}
      <div className="tile-name">
        <b>{camera.name}</b>
        <span className="time">{dateClockText(utcMs, zone)}</span>
      </div>
    </div>
  );
}

function StandingNote({
  standing,
  utcMs,
  zone,
  onAgain,
}: {
  readonly standing: Standing;
  readonly utcMs: number;
  readonly zone: string;
  readonly onAgain: () => void;
}) {
  const { t } = useTranslation();
  switch (standing.kind) {
    case "ready":
      return null;
    case "loading":
      return (
        <div className="tile-note quiet" role="status">
          {t("playback.loading")}
        </div>
      );
    case "gap":
      return (
        <div className="tile-cover calm" data-gap={standing.cause}>
          <b>{t("playback.gapHere", { cause: gapCauseText(standing.cause) })}</b>
          <p>{t("playback.gapSpan", { from: clockText(standing.from, zone), to: clockText(standing.to, zone) })}</p>
        </div>
      );
    case "end":
      return Date.now() - utcMs < EDGE_MS ? (
        <div className="tile-note quiet" role="status">
          {t("playback.atEdge")}
        </div>
      ) : (
        <div className="tile-cover calm">
          <b>{t("playback.end")}</b>
        </div>
      );
    case "unsupported":
      return (
        <div className="tile-cover" role="alert">
          <b>{t("live.unsupported", { codec: codecWord(standing.mime) })}</b>
          <p>{t("live.unsupportedHint", { codec: codecWord(standing.mime) })}</p>
        </div>
      );
    case "refused":
      return (
        <div className="tile-cover" role="alert" data-ended={standing.code}>
          <b>{t("live.ended")}</b>
          <p>{faultText(standing.code, standing.detail)}</p>
          <button type="button" onClick={onAgain}>
            {t("live.again")}
          </button>
        </div>
      );
  }
}
