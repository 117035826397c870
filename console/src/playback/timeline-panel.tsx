import { useTranslation } from "react-i18next";
import { lengthText } from "../app/format.ts";
import { useStation } from "../app/station.tsx";
import { KEYS_RATE_MIN } from "../player/playback-group.ts";
import type { TimelineRow } from "../timeline/draw.ts";
import { spanOf, zoomAbout } from "../timeline/geometry.ts";
import type { View } from "../timeline/geometry.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { Icon } from "../ui/icons.tsx";
import { useNow } from "../ui/use-now.ts";

export interface TimelinePanelProps {
  readonly rows: readonly TimelineRow[];
  readonly view: View;
  readonly utcMs: number;
  readonly rate: number;
  readonly purpose: string | undefined;
  readonly onView: (view: View) => void;
  readonly onSeek: (utcMs: number) => void;
  readonly onChangePurpose: () => void;
  readonly onLive: () => void;
}

/** The timeline with its legend, the purpose in force, and the way to the live picture. */
export function TimelinePanel(props: TimelinePanelProps) {
  const { rows, view, utcMs, onView, onSeek } = props;
  const { zone } = useStation();
  const now = useNow();
  return (
    <div className="timeline">
      <Legend {...props} />
      <div className="timeline-body">
        <div className="timeline-names">
          {rows.map((row) => (
            <div key={row.camera} title={row.name}>
              {row.name}
            </div>
          ))}
        </div>
        <Timeline view={view} zone={zone} rows={rows} utcMs={utcMs} nowUtcMs={now} onView={onView} onSeek={onSeek} />
      </div>
    </div>
  );
}

function Legend({ view, rate, purpose, onView, onChangePurpose, onLive }: TimelinePanelProps) {
  const { t } = useTranslation();
  const zoom = (factor: number) => () => onView(zoomAbout(view, 0.5, factor));
  return (
    <div className="legend">
      {(["recorded", "gap", "alarm", "empty"] as const).map((kind) => (
        <span key={kind}>
          <i className={`i-${kind}`} />
          {t(`bands.${kind}`)}
        </span>
      ))}
      {rate >= KEYS_RATE_MIN ? <span>{t("playback.keysOnly")}</span> : null}
      <span className="gap" />
      {purpose === undefined ? null : (
        <span>
          {t("playback.purposeNow", { purpose })}
          <button type="button" className="bar-button" onClick={onChangePurpose}>
            {t("playback.purposeChange")}
          </button>
        </span>
      )}
      <span>{t("playback.span", { span: lengthText(spanOf(view)) })}</span>
      <button type="button" className="tool" aria-label={t("playback.zoomOut")} onClick={zoom(2)}>
        <Icon name="minus" size={16} />
      </button>
      <button type="button" className="tool" aria-label={t("playback.zoomIn")} onClick={zoom(0.5)}>
        <Icon name="plus" size={16} />
      </button>
      <button type="button" className="tool" onClick={onLive}>
        {t("playback.live")}
      </button>
    </div>
  );
}
