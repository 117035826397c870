import { App, Button, Checkbox, Dropdown, Input, Table } from "antd";
import type { TableColumnsType } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import type { Camera } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { cameraLook, hasSub, mainStatus } from "../app/camera-state.ts";
import { bitRateText, codecText, offsetText, percentText } from "../app/format.ts";
import { rightsOf } from "../app/rights.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { errorText, faultText } from "../i18n/words.ts";
import { EmptyNote } from "../ui/empty-note.tsx";
import { CameraDetail } from "./camera-detail.tsx";
import { CameraWizard } from "./camera-wizard.tsx";

const ROWS_PER_PAGE = 50;

export function CamerasPage() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const query = new URLSearchParams(useSearch());
  const { cameras, units, health, reload } = useStation();
  const rights = rightsOf(useMe().user.roles);
  const [filter, setFilter] = useState("");
  const [faultsOnly, setFaultsOnly] = useState(false);
  const [wizard, setWizard] = useState<Camera | "new">();
  const [detail, setDetail] = useState<string>();
  const wantsAdd = query.get("add") !== null;
  useEffect(() => {
    if (!wantsAdd || !rights.manageCameras) return;
    setWizard("new");
    navigate("/cameras", { replace: true });
  }, [wantsAdd, rights.manageCameras, navigate]);

  const needle = filter.trim().toLowerCase();
  const rows = useMemo(
    () =>
      (cameras ?? []).filter((camera) => {
        if (faultsOnly && cameraLook(camera) !== "fault") return false;
        const text = `${camera.name} ${camera.position} ${camera.id} ${camera.streams.map((one) => one.url).join(" ")}`.toLowerCase();
        return needle === "" || text.includes(needle);
      }),
    [cameras, needle, faultsOnly],
  );
  const columns = useColumns(rights.manageCameras, setDetail, setWizard);
  const shownDetail = cameras?.find((camera) => camera.id === detail);
  const completeness = new Map(health?.perCamera.map((one) => [one.camera, one.completenessToday]));
  return (
    <div className="office">
      <div className="office-head">
        <h1>{t("cameras.title")}</h1>
        <Input.Search
          allowClear
          style={{ width: 300 }}
          placeholder={t("cameras.filter")}
          aria-label={t("cameras.filter")}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Checkbox checked={faultsOnly} onChange={(event) => setFaultsOnly(event.target.checked)}>
          {t("cameras.onlineOnly")}
        </Checkbox>
        <span className="gap" />
        {rights.manageCameras ? (
          <Button type="primary" onClick={() => setWizard("new")}>
            {t("cameras.add")}
          </Button>
        ) : null}
      </div>
      {cameras?.length === 0 ? (
        <EmptyNote title={t("cameras.emptyTitle")} text={rights.manageCameras ? t("cameras.emptyText") : t("wall.emptyNoRight")}>
          {rights.manageCameras ? (
            <Button type="primary" size="large" onClick={() => setWizard("new")}>
              {t("cameras.add")}
            </Button>
          ) : null}
        </EmptyNote>
      ) : (
        <Table<Camera>
          size="small"
          rowKey="id"
          loading={cameras === undefined}
          columns={columns(units, completeness)}
          dataSource={rows}
          scroll={{ x: 1000 }}
          pagination={rows.length > ROWS_PER_PAGE ? { pageSize: ROWS_PER_PAGE, showSizeChanger: false } : false}
        />
      )}
      {wizard === undefined ? null : (
        <CameraWizard
          camera={wizard === "new" ? undefined : wizard}
          onClose={() => setWizard(undefined)}
          onDone={() => {
            setWizard(undefined);
            void reload();
          }}
        />
      )}
      {shownDetail === undefined ? null : (
        <CameraDetail camera={shownDetail} completeness={completeness.get(shownDetail.id)} onClose={() => setDetail(undefined)} />
      )}
    </div>
  );
}

type Columns = (units: readonly { id: string; name: string }[], completeness: ReadonlyMap<string, number | null>) => TableColumnsType<Camera>;

function useColumns(manages: boolean, onDetail: (camera: string) => void, onEdit: (camera: Camera) => void): Columns {
  const { t } = useTranslation();
  return (units, completeness) => [
    {
      title: t("cameras.state"),
      width: 190,
      render: (_, camera) => <StateCell camera={camera} />,
      sorter: (a, b) => cameraLook(a).localeCompare(cameraLook(b)),
    },
    {
      title: t("cameras.name"),
      width: 220,
      sorter: (a, b) => a.name.localeCompare(b.name, "zh-CN", { numeric: true }),
      defaultSortOrder: "ascend",
      render: (_, camera) => (
        <>
          <Button type="link" size="small" style={{ padding: 0 }} onClick={() => onDetail(camera.id)}>
            {camera.name}
          </Button>
          {camera.demo ? <span className="dim"> {t("cameras.demoCamera")}</span> : null}
        </>
      ),
    },
    {
      title: t("cameras.position"),
      dataIndex: "position",
      ellipsis: true,
      render: (position: string) => (position === "" ? <span className="dim">{t("cameras.noPlace")}</span> : position),
    },
    {
      title: t("cameras.unit"),
      width: 160,
      ellipsis: true,
      render: (_, camera) => units.find((unit) => unit.id === camera.unit)?.name ?? camera.unit,
    },
    {
      title: t("cameras.stream"),
      width: 170,
      render: (_, camera) => {
        const status = mainStatus(camera);
        return status?.codec == null ? (
          <span className="dim">-</span>
        ) : (
          `${codecText(status.codec)} ${status.width ?? "?"}×${status.height ?? "?"}${hasSub(camera) ? ` +${t("wall.sub")}` : ""}`
        );
      },
    },
    {
      title: t("cameras.bitrate"),
      width: 110,
      align: "right",
      render: (_, camera) => <Rate camera={camera} />,
      sorter: (a, b) => (mainStatus(a)?.bitsPerSecond ?? 0) - (mainStatus(b)?.bitsPerSecond ?? 0),
    },
    {
      title: t("cameras.today"),
      width: 110,
      align: "right",
      render: (_, camera) => {
        const part = completeness.get(camera.id);
        return part == null ? <span className="dim">-</span> : percentText(part);
      },
    },
    {
      title: t("cameras.clock"),
      width: 100,
      align: "right",
      render: (_, camera) => {
        const offset = mainStatus(camera)?.clockOffsetMs;
        return offset == null ? <span className="dim">-</span> : `${offset < 0 ? "-" : "+"}${offsetText(offset)}`;
      },
    },
    {
      title: t("app.actions"),
      width: manages ? 150 : 80,
      fixed: "right",
      render: (_, camera) => <RowActions camera={camera} manages={manages} onDetail={onDetail} onEdit={onEdit} />,
    },
  ];
}

function StateCell({ camera }: { readonly camera: Camera }) {
  const { t } = useTranslation();
  const look = cameraLook(camera);
  const status = mainStatus(camera);
  const recording = status?.recording === true ? t("statusWords.recording") : t("statusWords.notRecording");
  return (
    <span className="state-cell" title={status?.fault == null ? undefined : faultText(status.fault, status.faultDetail ?? "")}>
      <i className={`dot dot-${look}`} />
      {t(`statusWords.${look}`)}
      {look === "online" ? <span className="dim">{recording}</span> : null}
    </span>
  );
}

function Rate({ camera }: { readonly camera: Camera }) {
  const bits = mainStatus(camera)?.bitsPerSecond ?? 0;
  return bits > 0 ? bitRateText(bits) : <span className="dim">-</span>;
}

interface RowActionsProps {
  readonly camera: Camera;
  readonly manages: boolean;
  readonly onDetail: (camera: string) => void;
  readonly onEdit: (camera: Camera) => void;
}

function RowActions({ camera, manages, onDetail, onEdit }: RowActionsProps) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const { reload } = useStation();
  const doing = (work: () => Promise<unknown>, words: string) => async (): Promise<void> => {
    try {
      await work();
      void message.success(words);
    } catch (error) {
      void message.error(errorText(error), 6);
    }
    await reload();
  };
  const ask = (title: string, content: string, okText: string, work: () => Promise<void>): void => {
    modal.confirm({ title, content, okText, okButtonProps: { danger: true }, cancelText: t("app.cancel"), onOk: work });
  };
  const switchTo = (enabled: boolean) => doing(() => calls.changeCamera(camera.id, { version: camera.version, enabled }), t("app.saved"));
  const choose = (key: string): void => {
    if (key === "edit") onEdit(camera);
    else if (key === "enable") void switchTo(true)();
    else if (key === "disable") ask(t("cameras.disableTitle", { name: camera.name }), t("cameras.disableText"), t("cameras.disable"), switchTo(false));
    else
      ask(
        t("cameras.removeTitle", { name: camera.name }),
        t("cameras.removeText"),
        t("cameras.remove"),
        doing(() => calls.removeCamera(camera.id, camera.version), t("cameras.removed")),
      );
  };
  return (
    <>
      <Button size="small" type="link" onClick={() => onDetail(camera.id)}>
        {t("cameras.detail")}
      </Button>
      {manages ? (
        <Dropdown
          trigger={["click"]}
          menu={{
            onClick: ({ key }) => choose(key),
            items: [
              { key: "edit", label: t("cameras.edit") },
              camera.enabled ? { key: "disable", label: t("cameras.disable") } : { key: "enable", label: t("cameras.enable") },
              { type: "divider" },
              { key: "remove", label: t("cameras.remove"), danger: true },
            ],
          }}
        >
          <Button size="small" aria-label={`${t("app.actions")} ${camera.name}`}>
            {t("app.actions")} ▾
          </Button>
        </Dropdown>
      ) : null}
    </>
  );
}
