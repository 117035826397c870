import { Button, Table } from "antd";
import { useCallback } from "react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Health } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { bytesText, percentText } from "../app/format.ts";
import { useStation } from "../app/station.tsx";
import { useLoad } from "../app/use-load.ts";
import { alarmDetailText, errorText, faultText } from "../i18n/words.ts";
import { clockText, dateClockText, dateText } from "../time/zone-time.ts";

const RENEW_MS = 5000;
type Level = Health["level"];

function Card({ title, level, children }: { readonly title: string; readonly level: Level; readonly children: ReactNode }) {
  return (
    <section className={`card level-${level}`}>
      <h2>
        <i className={`dot dot-${level}`} />
        {title}
      </h2>
      {children}
    </section>
  );
}

const daysNumber = (days: number): string => (days < 10 ? days.toFixed(1) : String(Math.floor(days)));

export function HealthPage() {
  const { t } = useTranslation();
  const { zone } = useStation();
  const {
    value: health,
    error,
    reload,
  } = useLoad(
    useCallback((signal: AbortSignal) => calls.health(signal), []),
    RENEW_MS,
  );
  const when = (instant: string): string => dateClockText(Date.parse(instant), zone);
  return (
    <div className="office">
      <div className="office-head">
        <h1>{t("health.title")}</h1>
        {health === undefined ? null : (
          <span className="state-cell">
            <i className={`dot dot-${health.level}`} />
            {t(`health.levels.${health.level}`)}
          </span>
        )}
        <span className="gap" />
        {health === undefined ? null : <span className="dim">{t("app.updated", { time: clockText(Date.parse(health.at), zone) })}</span>}
        <Button onClick={reload}>{t("app.refresh")}</Button>
      </div>
      {error === undefined ? null : (
        <div className="bad-line" role="alert">
          {errorText(error)}
        </div>
      )}
      {health === undefined ? null : (
        <>
          <Alarms health={health} />
          <div className="cards">
            <DiskCard health={health} />
            <Card title={t("health.cameras")} level={health.cameras.faulty > 0 ? "warning" : "ok"}>
              <div className="big">
                {health.cameras.online}
                <small>
                  {" "}
                  / {health.cameras.total} {t("health.online")}
                </small>
              </div>
              <dl>
                <dt>{t("health.recording")}</dt>
                <dd>{health.cameras.recording}</dd>
                <dt>{t("health.faulty")}</dt>
                <dd>{health.cameras.faulty}</dd>
                <dt>{t("health.viewers")}</dt>
                <dd>{t("health.people", { count: health.viewers })}</dd>
              </dl>
            </Card>
            <Card title={t("health.recorder")} level={health.recorder.state === "up" ? "ok" : "alarm"}>
              <div className="big">{t(health.recorder.state === "up" ? "health.up" : "health.restarting")}</div>
              <dl>
                <dt>{t("health.since", { time: "" })}</dt>
                <dd>{when(health.recorder.since)}</dd>
                <dt>{t("health.restarts", { count: health.recorder.restarts })}</dt>
                <dd />
                <dt>{t("health.memory")}</dt>
                <dd>{bytesText(health.recorder.memoryBytes)}</dd>
                <dt>{t("health.cpu")}</dt>
                <dd>{health.recorder.cpuPercent.toFixed(1)} %</dd>
              </dl>
            </Card>
            <Card title={t("health.database")} level={health.database.state === "up" ? "ok" : "alarm"}>
              <div className="big">{t(health.database.state === "up" ? "health.up" : "health.away")}</div>
              <dl>
                <dt>{t("health.since", { time: "" })}</dt>
                <dd>{when(health.database.since)}</dd>
                <dt>{t(health.database.kind === "embedded" ? "health.embedded" : "health.server")}</dt>
                <dd />
                <dt>{t("health.indexLag", { count: health.database.indexLagSegments })}</dt>
                <dd />
              </dl>
            </Card>
          </div>
          <PerCamera health={health} />
          <p className="dim">
            {t("app.name")} {health.version} · {t("health.started")} {when(health.startedAt)} · {t("app.zone")} {health.zone} ·{" "}
            <a href="/api/docs" target="_blank" rel="noopener">
              {t("app.apiDocs")}
            </a>
          </p>
        </>
      )}
    </div>
  );
}

function Alarms({ health }: { readonly health: Health }) {
  const { t } = useTranslation();
  const { cameras, zone } = useStation();
  const name = (id: string | null): string => (id === null ? "" : `${cameras?.find((camera) => camera.id === id)?.name ?? id}：`);
  if (health.alarms.length === 0) return null;
  return (
    <section aria-label={t("health.alarms")} style={{ marginBottom: 16 }}>
      {health.alarms.map((alarm) => (
        <div key={`${alarm.code} ${alarm.camera ?? ""}`} className={`alarm-row level-${alarm.level}`} role={alarm.level === "alarm" ? "alert" : "status"}>
          <i className={`dot dot-${alarm.level}`} />
          <span className="text">
            <b>{name(alarm.camera)}</b>
            {faultText(alarm.code, alarm.detail)} <span className="dim">{alarmDetailText(alarm.code, alarm.detail)}</span>
          </span>
          <span className="dim">{t("health.since", { time: dateClockText(Date.parse(alarm.since), zone) })}</span>
        </div>
      ))}
    </section>
  );
}

function DiskCard({ health }: { readonly health: Health }) {
  const { t } = useTranslation();
  const { zone } = useStation();
  const { disk } = health;
  const other = Math.max(0, disk.totalBytes - disk.freeBytes - disk.footageBytes);
  const part = (bytes: number): string => `${(bytes / Math.max(1, disk.totalBytes)) * 100}%`;
  const verdict = disk.capacityDays === null ? t("health.measuring") : t(disk.capacityDays >= disk.promisedDays ? "health.enough" : "health.tooSmall");
  return (
    <Card title={`${t("health.disk")}：${t(`health.diskStates.${disk.state}`)}`} level={disk.level}>
      <div className="big">
        {disk.capacityDays === null ? "–" : daysNumber(disk.capacityDays)}
        <small>
          {" "}
          / {t("health.days", { count: disk.promisedDays })}（{t("health.capacity")} / {t("health.promised")}）
        </small>
      </div>
      <div className="dim">{verdict}</div>
      <div className="meter" aria-hidden="true">
        <i style={{ width: part(disk.footageBytes) }} />
        <i className="other" style={{ width: part(other) }} />
      </div>
      <dl>
        <dt>{t("health.footage")}</dt>
        <dd>{bytesText(disk.footageBytes)}</dd>
        <dt>{t("health.free")}</dt>
        <dd>
          {bytesText(disk.freeBytes)} / {bytesText(disk.totalBytes)}
        </dd>
        <dt>{t("health.perDay")}</dt>
        <dd>{bytesText(disk.writtenBytesPerDay)}</dd>
        <dt>{disk.fullAt === null ? t("health.neverFull") : t("health.fullAt", { time: dateText(Date.parse(disk.fullAt), zone) })}</dt>
        <dd />
      </dl>
    </Card>
  );
}

function PerCamera({ health }: { readonly health: Health }) {
  const { t } = useTranslation();
  const { cameras } = useStation();
  const names = new Map((cameras ?? []).map((camera) => [camera.id, camera.name]));
  return (
    <>
      <h2 style={{ fontSize: 15 }}>{t("health.perCamera")}</h2>
      <Table<Health["perCamera"][number]>
        size="small"
        rowKey="camera"
        dataSource={health.perCamera}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { title: t("cameras.name"), render: (_, one) => names.get(one.camera) ?? one.camera },
          {
            title: t("health.perCameraDay"),
            align: "right",
            render: (_, one) => bytesText(one.bytesPerDay),
            sorter: (a, b) => a.bytesPerDay - b.bytesPerDay,
          },
          {
            title: t("health.capacity"),
            align: "right",
            render: (_, one) => (one.capacityDays === null ? "-" : t("health.days", { count: Math.floor(one.capacityDays) })),
          },
          {
            title: t("health.promised"),
            align: "right",
            render: (_, one) => t("health.days", { count: one.promisedDays }),
          },
          {
            title: t("health.completeness"),
            align: "right",
            render: (_, one) => (one.completenessToday === null ? "-" : percentText(one.completenessToday)),
            sorter: (a, b) => (a.completenessToday ?? 2) - (b.completenessToday ?? 2),
          },
        ]}
      />
    </>
  );
}
