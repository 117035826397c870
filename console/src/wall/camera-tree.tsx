import { Input } from "antd";
import type { InputRef } from "antd";
import { useMemo, useState } from "react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import type { Camera, Unit } from "@mingjian/contract";
import { cameraLook } from "../app/camera-state.ts";

export const CAMERA_DRAG_TYPE = "application/x-mingjian-camera";

interface UnitGroup {
  readonly id: string;
  readonly name: string;
  readonly cameras: readonly Camera[];
  readonly online: number;
}

export function groupByUnit(cameras: readonly Camera[], units: readonly Unit[], wanted: string): UnitGroup[] {
  const needle = wanted.trim().toLowerCase();
  const fits = (camera: Camera): boolean =>
    needle === "" || camera.name.toLowerCase().includes(needle) || camera.position.toLowerCase().includes(needle) || camera.id.includes(needle);
  const names = new Map(units.map((unit) => [unit.id, unit.name]));
  const groups = new Map<string, Camera[]>();
  for (const camera of cameras) {
    if (!fits(camera)) continue;
    const group = groups.get(camera.unit);
    if (group === undefined) groups.set(camera.unit, [camera]);
    else group.push(camera);
  }
  return [...groups].map(([id, members]) => ({
    id,
    name: names.get(id) ?? id,
    cameras: members.toSorted((a, b) => a.name.localeCompare(b.name, "zh-CN", { numeric: true })),
    online: members.filter((camera) => cameraLook(camera) === "online").length,
  }));
}

interface CameraTreeProps {
  readonly cameras: readonly Camera[];
  readonly units: readonly Unit[];
  readonly shown: ReadonlySet<string>;
  readonly onChoose: (camera: string) => void;
  readonly searchRef?: Ref<InputRef>;
}

/** Cameras by unit, with how many are online. Click or drag one onto the wall. */
export function CameraTree({ cameras, units, shown, onChoose, searchRef }: CameraTreeProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const groups = useMemo(() => groupByUnit(cameras, units, wanted), [cameras, units, wanted]);
  const online = cameras.filter((camera) => cameraLook(camera) === "online").length;
  const toggle = (id: string): void => setClosed((old) => (old.has(id) ? new Set([...old].filter((one) => one !== id)) : new Set([...old, id])));
  return (
    <>
      <div className="tree-head">
        <b>{t("wall.tree")}</b>
        <span className="tree-count">
          {t("wall.online")} {t("wall.of", { online, total: cameras.length })}
        </span>
      </div>
      <div className="tree-search">
        <Input
          ref={searchRef}
          allowClear
          size="small"
          value={wanted}
          placeholder={t("wall.searchHint")}
          aria-label={t("wall.searchHint")}
          onChange={(event) => setWanted(event.target.value)}
        />
      </div>
      <div className="tree-list">
        {groups.length === 0 ? <div className="tree-none">{t("wall.noMatch")}</div> : null}
        {groups.map((group) => (
          <section key={group.id}>
            <button type="button" className="tree-unit" aria-expanded={!closed.has(group.id)} onClick={() => toggle(group.id)}>
              <i aria-hidden="true">{closed.has(group.id) ? "▸" : "▾"}</i>
              <span>{group.name}</span>
              <span className="tree-count">{t("wall.of", { online: group.online, total: group.cameras.length })}</span>
            </button>
            {closed.has(group.id)
              ? null
              : group.cameras.map((camera) => <TreeCamera key={camera.id} camera={camera} shown={shown.has(camera.id)} onChoose={onChoose} />)}
          </section>
        ))}
      </div>
    </>
  );
}

function TreeCamera({ camera, shown, onChoose }: { readonly camera: Camera; readonly shown: boolean; readonly onChoose: (camera: string) => void }) {
  const { t } = useTranslation();
  const look = cameraLook(camera);
  return (
    <button
      type="button"
      className="tree-camera"
      aria-pressed={shown}
      draggable
      title={`${camera.name} ${camera.position}`.trim()}
      onClick={() => onChoose(camera.id)}
      onDragStart={(event) => {
        event.dataTransfer.setData(CAMERA_DRAG_TYPE, camera.id);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <i className={`dot dot-${look}`} />
      <span className="names">
        <b>{camera.name}</b>
        {camera.position === "" ? null : <small>{camera.position}</small>}
      </span>
      <span className={`state state-${look}`}>{look === "online" ? "" : t(`statusWords.${look}`)}</span>
    </button>
  );
}
