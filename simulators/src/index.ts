import type { Socket as UdpSocket } from "node:dgram";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Channel, Station } from "./camera.ts";
import { Camera } from "./camera.ts";
import type { CameraOptions, Faults } from "./options.ts";
import { CAMERA_DEFAULTS, counterAtMs, takenAtMs } from "./options.ts";
import type { SentCounts } from "./sender.ts";
import { Session } from "./session.ts";
import { Wheel } from "./wheel.ts";

export type { AudioName, Clip, ClipFrame, ClipName } from "./clip.ts";
export { CLIPS, FPS, FRAME_MS, GOP_FRAMES, loadClip } from "./clip.ts";
export type { Auth, CameraOptions, Faults } from "./options.ts";
export { counterAtMs, phaseMs, takenAtMs } from "./options.ts";
export { COUNTER_BLOCKS, readCounter } from "./counter.ts";
export type { SentCounts } from "./sender.ts";

export interface StartOptions extends Partial<CameraOptions> {
  readonly count: number;
  /** 0 takes a free port. */
  readonly basePort?: number;
  readonly host?: string;
  /** Options of single cameras, numbered from 1, over those for all. */
  readonly each?: (number: number) => Partial<CameraOptions>;
}

export interface StreamStats {
  readonly camera: number;
  readonly role: "main" | "sub";
  readonly playing: number;
  /** One for each session since the start, oldest first. */
  readonly sessions: readonly SentCounts[];
}

export interface Control {
  /** Replaces the faults of a camera (from 1); sessions that play take them on when they next begin. */
  setFaults(camera: number, faults: Faults): void;
  /** Ends the connections of a camera, or of all. */
  disconnect(camera?: number): void;
  /** No camera sends another frame; connections stay. For counting at the end. */
  halt(): void;
  /** Closes the port (connections are refused), or opens it again. */
  listen(on: boolean): Promise<void>;
  stats(): StreamStats[];
  /** The counter in the picture that the camera takes at this instant. */
  counterAt(camera: number, utcMs: number, role?: "main" | "sub"): number;
  /** The latest instant, not after `utcMs`, at which the camera took a picture with this counter. */
  takenAt(camera: number, counter: number, utcMs: number, role?: "main" | "sub"): number;
}

export interface Cameras {
  readonly port: number;
  readonly urls: readonly string[];
  readonly subUrls: readonly string[];
  readonly control: Control;
  stop(): Promise<void>;
}

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function bindUdp(host: string): Promise<{ rtp: UdpSocket; rtcp: UdpSocket }> {
  const open = async (): Promise<UdpSocket> => {
    const socket = createSocket("udp4");
    socket.on("error", () => undefined);
    socket.bind(0, host);
    await once(socket, "listening");
    return socket;
  };
  return { rtp: await open(), rtcp: await open() };
}

function channelOf(camera: Camera, role: string): Channel {
  return role === "sub" ? camera.sub : camera.main;
}

/** UTC that runs with the monotonic clock, so that a step of the system's clock never tears the streams. */
function steadyClock(): () => number {
  const offset = Date.now() - performance.now();
  return () => performance.now() + offset;
}

function createControl(cameras: readonly Camera[], server: Server, port: number, host: string, sessions: Set<Session>, wheel: Wheel): Control {
  const camera = (number: number): Camera => {
    const found = cameras[number - 1];
    if (found === undefined) throw new RangeError(`no camera ${number}`);
    return found;
  };
  return {
    setFaults: (number, faults) => {
      camera(number).faults = faults;
    },
    disconnect: (number) => {
      for (const session of number === undefined ? sessions : camera(number).sessions) session.destroy();
    },
    listen: async (on) => {
      if (on && !server.listening) await listenOn(server, port, host);
      else if (!on && server.listening) server.close();
    },
    halt: () => wheel.stop(),
    stats: () =>
      cameras.flatMap((one) =>
        (["main", "sub"] as const).map((role) => {
          const channel = channelOf(one, role);
          return {
            camera: one.number,
            role,
            playing: channel.senders.size,
            sessions: channel.history.map((counts) => ({ ...counts })),
          };
        }),
      ),
    counterAt: (number, utcMs, role = "main") => counterAtMs(number, utcMs, channelOf(camera(number), role).clip.frames.length),
    takenAt: (number, counter, utcMs, role = "main") => takenAtMs(number, counter, utcMs, channelOf(camera(number), role).clip.frames.length),
  };
}

/** Starts `count` cameras behind one RTSP port: `/cam1/main`, `/cam1/sub`, ... */
export async function startCameras(options: StartOptions): Promise<Cameras> {
  const host = options.host ?? "127.0.0.1";
  const nowMs = steadyClock();
  const wheel = new Wheel(nowMs);
  const { count, basePort = 0, host: _host, each, ...common } = options;
  const cameras = Array.from(
    { length: count },
    (_, index) => new Camera(index + 1, { ...CAMERA_DEFAULTS, ...common, ...each?.(index + 1) }, (camera) => wheel.add(camera)),
  );
  const station: Station = {
    udp: await bindUdp(host),
    sessions: new Set(),
    nowMs,
    find: (url) => {
      const parts = /\/cam(\d+)\/(main|sub)(?:[/?]|$)/.exec(url);
      const camera = cameras[Number(parts?.[1] ?? 0) - 1];
      return camera === undefined ? undefined : { camera, channel: channelOf(camera, parts?.[2] ?? "main") };
    },
  };
  const server = createServer((socket: Socket) => {
    station.sessions.add(new Session(station, socket));
  });
  const port = await listenOn(server, basePort, host);
  const urlsOf = (role: string): string[] => cameras.map((camera) => `rtsp://${host}:${port}/cam${camera.number}/${role}`);
  return {
    port,
    urls: urlsOf("main"),
    subUrls: urlsOf("sub"),
    control: createControl(cameras, server, port, host, station.sessions, wheel),
    stop: async () => {
      wheel.stop();
      for (const session of station.sessions) session.destroy();
      station.udp.rtp.close();
      station.udp.rtcp.close();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}
