import { Button, Drawer, Table } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Camera, StreamStatus } from "@mingjian/contract";
import { bitRateText, bytesText, codecText, lengthText, offsetText, percentText } from "../app/format.ts";
import { rightsOf } from "../app/rights.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { faultText, gapCauseText, stateText } from "../i18n/words.ts";
import { clockText, dateClockText, dayStart } from "../time/zone-time.ts";
import { useBands } from "../timeline/use-bands.ts";
import type { TimeBand } from "../timeline/bands.ts";
import { useNow } from "../ui/use-now.ts";

const CLOCK_BAD_MS = 5000;
const GAPS_SHOWN_MAX = 200;

interface CameraDetailProps {
  readonly camera: Camera;
  readonly completeness: number | null | undefined;
  readonly onClose: () => void;
}

/** What one camera does now and what is missing of today. */
export function CameraDetail({ camera, completeness, onClose }: CameraDetailProps) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const { zone, units } = useStation();
  const rights = rightsOf(useMe().user.roles);
  const now = useNow(60_000);
  const today = useMemo(() => ({ from: dayStart(now, zone), to: now }), [now, zone]);
  const cameras = useMemo(() => [camera.id], [camera.id]);
  const bands = useBands(cameras, today).get(camera.id)?.bands ?? [];
  const gaps = bands
    .filter((band) => band.kind === "gap" && band.to > today.from)
    .slice(-GAPS_SHOWN_MAX)
    .toReversed();
  const play = (at: number): void => navigate(`/playback?camera=${camera.id}&at=${new Date(at).toISOString()}`);
  return (
    <Drawer
      open
      onClose={onClose}
      size={620}
      title={camera.name}
      extra={
        <>
          {rights.live ? <Button onClick={() => navigate(`/?camera=${camera.id}`)}>{t("cameras.watch")}</Button> : null}{" "}
          {rights.playback ? <Button onClick={() => play(Date.now() - 60_000)}>{t("cameras.history")}</Button> : null}
        </>
      }
    >
      <dl className="facts">
        <dt>{t("cameras.unit")}</dt>
        <dd>{units.find((unit) => unit.id === camera.unit)?.name ?? camera.unit}</dd>
        <dt>{t("cameras.position")}</dt>
        <dd>{camera.position === "" ? t("cameras.noPlace") : camera.position}</dd>
        <dt>{t("cameras.keep")}</dt>
        <dd>{t(`cameras.${camera.retentionClass}`)}</dd>
        <dt>{t("cameras.today")}</dt>
        <dd>{completeness == null ? "-" : percentText(completeness)}</dd>
      </dl>
      {camera.streams.map((stream) => (
        <section key={stream.role}>
          <h3>{t(stream.role === "main" ? "wizard.mainStream" : "wizard.sub")}</h3>
          <StreamFacts url={stream.url} status={camera.status.find((one) => one.role === stream.role)} />
        </section>
      ))}
      <h3>{t("detail.gapsToday")}</h3>
      {gaps.length === 0 ? (
        <p className="dim">{t("detail.noGaps")}</p>
      ) : (
        <Table<TimeBand>
          size="small"
          pagination={false}
          rowKey="from"
          dataSource={gaps}
          columns={[
            { title: t("detail.from"), render: (_, gap) => clockText(Math.max(gap.from, today.from), zone) },
            { title: t("detail.to"), render: (_, gap) => clockText(gap.to, zone) },
            {
              title: t("detail.length"),
              align: "right",
              render: (_, gap) => lengthText(gap.to - Math.max(gap.from, today.from)),
            },
            { title: t("detail.cause"), render: (_, gap) => gapCauseText(gap.cause ?? "unknown") },
            ...(rights.playback
              ? [
                  {
                    title: "",
                    render: (_: unknown, gap: TimeBand) => (
                      <Button size="small" type="link" onClick={() => play(gap.from - 5000)}>
                        {t("detail.play")}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Drawer>
  );
}

function StreamFacts({ url, status }: { readonly url: string; readonly status: StreamStatus | undefined }) {
  const { t } = useTranslation();
  const { zone } = useStation();
  const when = (instant: string): string => dateClockText(Date.parse(instant), zone);
  if (status === undefined)
    return (
      <dl className="facts">
        <dt>{t("detail.address")}</dt>
        <dd>{url}</dd>
      </dl>
    );
  const offset = status.clockOffsetMs;
  return (
    <dl className="facts">
      <dt>{t("detail.address")}</dt>
      <dd>{url}</dd>
      <dt>{t("detail.status")}</dt>
      <dd>
        {stateText(status.state)} <span className="dim">{t("detail.since", { time: when(status.since) })}</span>
      </dd>
      {status.fault === null ? null : (
        <>
          <dt>{t("detail.fault")}</dt>
          <dd>
            {faultText(status.fault)} {status.faultDetail === null ? null : <span className="dim">{status.faultDetail}</span>}
            <div className="dim">
              {t("detail.attempts", { count: status.attempts })}
              {status.nextTryAt === null ? null : ` · ${t("detail.nextTry", { time: when(status.nextTryAt) })}`}
            </div>
          </dd>
        </>
      )}
      <dt>{t("detail.codec")}</dt>
      <dd>
        {status.codec === null ? "-" : codecText(status.codec)}
        {status.width === null ? null : ` ${status.width}×${status.height ?? "?"}`} · {t("detail.audio")}{" "}
        {status.audio === null ? t("detail.noAudio") : codecText(status.audio)}
      </dd>
      <dt>{t("cameras.bitrate")}</dt>
      <dd>
        {bitRateText(status.bitsPerSecond)} · {t("detail.fps")} {status.framesPerSecond.toFixed(1)}
      </dd>
      <dt>{t("detail.lost")}</dt>
      <dd>
        {status.packetsLost} · {t("detail.frames")} {status.framesTotal} · {t("detail.bytes")} {bytesText(status.bytesTotal)}
      </dd>
      <dt>{t("detail.clockOffset")}</dt>
      <dd>
        {offset === null ? t("detail.clockNone") : t(offset >= 0 ? "detail.clockAhead" : "detail.clockBehind", { value: offsetText(offset) })}
        {status.clockDriftMsPerHour === null ? null : (
          <span className="dim">
            {" "}
            · {t("detail.drift")} {Math.round(status.clockDriftMsPerHour)} ms
          </span>
        )}
        {offset !== null && Math.abs(offset) > CLOCK_BAD_MS ? <div style={{ color: "var(--warn)" }}>{t("detail.clockBad")}</div> : null}
      </dd>
    </dl>
  );
}
