import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import type { Camera, Health, StreamStatus, Unit } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { API_ROOT } from "../api/client.ts";
import { GrantKeeper } from "../access/grant-keeper.ts";
import { isZone } from "../time/zone-time.ts";

interface StationDoor {
  readonly cameras: readonly Camera[] | undefined;
  readonly units: readonly Unit[];
  readonly health: Health | undefined;
  /** The station's time zone: what every time on every page is shown in. */
  readonly zone: string;
  /** False while the line for state changes is down. */
  readonly connected: boolean;
  readonly grants: GrantKeeper;
  readonly reload: () => Promise<void>;
}

const StationContext = createContext<StationDoor | undefined>(undefined);
const RELOAD_MS = 20_000;
const GRANTS_TOGETHER_MS = 20;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The change of one stream, from a `stream` event; undefined when the text is none. */
function readStreamEvent(text: string): { camera: string; status: StreamStatus } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || typeof value["camera"] !== "string" || !isRecord(value["status"])) return undefined;
    return { camera: value["camera"], status: value["status"] as StreamStatus };
  } catch {
    return undefined;
  }
}

function withStatus(cameras: readonly Camera[], id: string, status: StreamStatus): readonly Camera[] {
  return cameras.map((camera) => (camera.id === id ? { ...camera, status: [...camera.status.filter((one) => one.role !== status.role), status] } : camera));
}

export function StationProvider({ children }: { readonly children: ReactNode }) {
  const [cameras, setCameras] = useState<readonly Camera[]>();
  const [units, setUnits] = useState<readonly Unit[]>([]);
  const [health, setHealth] = useState<Health>();
  const [connected, setConnected] = useState(true);
  const [grants] = useState(
    () =>
      new GrantKeeper({
        request: calls.requestGrant,
        nowMs: () => Date.now(),
        soon: (run) => void setTimeout(run, GRANTS_TOGETHER_MS),
      }),
  );

  const reload = useCallback(async () => {
    const [newCameras, newUnits, newHealth] = await Promise.allSettled([calls.cameras(), calls.units(), calls.health()]);
    if (newCameras.status === "fulfilled") setCameras(newCameras.value);
    if (newUnits.status === "fulfilled") setUnits(newUnits.value);
    if (newHealth.status === "fulfilled") setHealth(newHealth.value);
  }, []);

  useEffect(() => {
    void reload();
    const timer = setInterval(() => void reload(), RELOAD_MS);
    return () => clearInterval(timer);
  }, [reload]);

  useEffect(() => {
    const source = new EventSource(`${API_ROOT}/events`);
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    source.addEventListener("stream", (event: MessageEvent<string>) => {
      const change = readStreamEvent(event.data);
      if (change !== undefined) setCameras((known) => known && withStatus(known, change.camera, change.status));
    });
    source.addEventListener("health", () => void calls.health().then(setHealth, () => undefined));
    source.addEventListener("grant", (event: MessageEvent<string>) => {
      try {
        const value: unknown = JSON.parse(event.data);
        if (isRecord(value) && typeof value["id"] === "string") grants.drop(value["id"]);
      } catch {
        // Not ours to read.
      }
    });
    return () => source.close();
  }, [grants]);

  const zone = useMemo(() => {
    const told = health?.zone;
    return told !== undefined && isZone(told) ? told : Intl.DateTimeFormat().resolvedOptions().timeZone;
  }, [health?.zone]);
  const door = useMemo(() => ({ cameras, units, health, zone, connected, grants, reload }), [cameras, units, health, zone, connected, grants, reload]);
  return <StationContext value={door}>{children}</StationContext>;
}

export function useStation(): StationDoor {
  const door = useContext(StationContext);
  if (door === undefined) throw new Error("assertion failed: no StationProvider above");
  return door;
}
