import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, mkdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { ROOT, isInstalled, lineOf, sleep, start, stop } from "./children.ts";
import { FfmpegSource } from "./foreign-ffmpeg.ts";

const CLIPS = path.join(ROOT, "simulators/clips");
const LOOP_SECONDS = 16;
const LISTEN_WAIT_MS = 20_000;
const NOBODY = 65_534;

type Clip = "street.h264" | "street-h265.h265" | "sub.h264";

/** A server of somebody else's, sending a clip of ours round and round. */
export interface ForeignSource {
  readonly name: string;
  readonly clip: Clip;
  readonly url: string;
  readonly transport: "auto" | "tcp";
  stop(): Promise<void>;
}

export interface ForeignSources {
  readonly sources: readonly ForeignSource[];
  /** What is not installed here. */
  readonly absent: readonly string[];
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}

const FRAME_FILTERS: Readonly<Record<string, string>> = {
  h264: "filter_units=pass_types=1-5",
  hevc: "filter_units=pass_types=0-31",
};

/** A hash of the slices of every frame, in decoding order, as ffmpeg reads the file. */
export function frameHashes(file: string, codec: "h264" | "hevc"): string[] {
  const filter = `${file.endsWith(".mp4") ? `${codec}_mp4toannexb,` : ""}${FRAME_FILTERS[codec]}`;
  return run("ffmpeg", ["-v", "error", "-i", file, "-map", "0:v", "-c", "copy", "-bsf:v", filter, "-f", "framemd5", "-"])
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
}

export function clipHashes(clip: Clip): string[] {
  return frameHashes(path.join(CLIPS, clip), clip.endsWith("h265") ? "hevc" : "h264");
}

/** The clip with its sound, so often that it lasts `seconds`, in a container: no source needs to loop. */
function longFile(folder: string, name: string, clip: Clip, audio: string, seconds: number): string {
  const loops = Math.ceil(seconds / LOOP_SECONDS) + 1;
  const parts = [clip, audio].map((part) => {
    const raw = path.join(folder, `${name}-${part}`);
    const bytes = readFileSync(path.join(CLIPS, part));
    for (let loop = 0; loop < loops; loop++) appendFileSync(raw, bytes);
    return raw;
  });
  const [video = "", sound = ""] = parts;
  const file = path.join(folder, name);
  const format = audio === "audio.aac" ? [] : ["-f", audio === "audio.alaw" ? "alaw" : "mulaw", "-ar", "8000", "-ac", "1"];
  run("ffmpeg", ["-v", "error", "-fflags", "+genpts", "-r", "25", "-i", video, ...format, "-i", sound, "-map", "0:v", "-map", "1:a", "-c", "copy", file]);
  chmodSync(file, 0o644);
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let waited = 0; waited < LISTEN_WAIT_MS; waited += 100) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("connect", () => socket.destroy()).on("error", () => resolve(false));
    });
    if (there) return;
    await sleep(100);
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function startVlc(folder: string, seconds: number): Promise<ForeignSource> {
  const file = longFile(folder, "vlc.mp4", "street.h264", "audio.aac", seconds);
  const port = await freePort();
  const url = `rtsp://127.0.0.1:${port}/vlc`;
  const home = path.join(folder, "vlc-home");
  mkdirSync(home, { mode: 0o777 });
  chmodSync(home, 0o777);
  // VLC does not run as root.
  const other = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = start("cvlc", ["-I", "dummy", "--quiet", file, "--sout", `#rtp{sdp=${url}}`, "--sout-keep", "--loop"], {
    stdio: "ignore",
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
    ...other,
  });
  await untilListening(port);
  return { name: "vlc", clip: "street.h264", url, transport: "auto", stop: () => stop(child, "SIGKILL") };
}

async function startGstreamer(folder: string, seconds: number): Promise<ForeignSource[]> {
  const first = longFile(folder, "gstreamer.mp4", "street.h264", "audio.aac", seconds);
  const second = longFile(folder, "gstreamer.mkv", "street-h265.h265", "audio.alaw", seconds);
  const port = await freePort();
  const launches = [
    `h264=( filesrc location=${first} ! qtdemux name=d d.video_0 ! queue ! h264parse ! rtph264pay name=pay0 pt=96 d.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )`,
    `h265=( filesrc location=${second} ! matroskademux name=d d.video_0 ! queue ! h265parse ! rtph265pay name=pay0 pt=96 d.audio_0 ! queue ! rtppcmapay name=pay1 )`,
  ];
  const child = start("/usr/bin/python3", [path.join(ROOT, "bench/foreign/gst-server.py"), String(port), ...launches], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await lineOf(child, "GStreamer's server", (line) => (line === "listening" ? true : undefined));
  const end = (): Promise<void> => stop(child, "SIGKILL");
  return [
    {
      name: "gstreamer-h264-aac",
      clip: "street.h264",
      url: `rtsp://127.0.0.1:${port}/h264`,
      transport: "tcp",
      stop: end,
    },
    {
      name: "gstreamer-h265-pcma",
      clip: "street-h265.h265",
      url: `rtsp://127.0.0.1:${port}/h265`,
      transport: "tcp",
      stop: end,
    },
  ];
}

async function startFfmpeg(folder: string, seconds: number): Promise<ForeignSource> {
  const file = longFile(folder, "ffmpeg.mkv", "sub.h264", "audio.ulaw", seconds);
  const source = await FfmpegSource.start(file, path.join(folder, "ffmpeg.sdp"));
  return { name: "ffmpeg-h264-pcmu", clip: "sub.h264", url: source.url, transport: "tcp", stop: () => source.stop() };
}

function hasGstreamer(): boolean {
  const wanted = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  return spawnSync("/usr/bin/python3", ["-c", wanted], { stdio: "ignore" }).status === 0;
}

/** What of VLC, GStreamer and ffmpeg is installed here; ffmpeg is needed for all of them. */
export function foreignAbsent(): string[] {
  const ffmpeg = isInstalled("ffmpeg");
  return [
    ...(ffmpeg ? [] : ["ffmpeg"]),
    ...(ffmpeg && spawnSync("cvlc", ["--version"], { stdio: "ignore" }).error === undefined ? [] : ["vlc"]),
    ...(ffmpeg && hasGstreamer() ? [] : ["gstreamer"]),
  ];
}

/** Starts all that are installed, each with material for `seconds`. */
export async function startForeign(folder: string, seconds: number): Promise<ForeignSources> {
  chmodSync(folder, 0o755);
  const absent = foreignAbsent();
  const sources: ForeignSource[] = [];
  if (!absent.includes("vlc")) sources.push(await startVlc(folder, seconds));
  if (!absent.includes("gstreamer")) sources.push(...(await startGstreamer(folder, seconds)));
  if (!absent.includes("ffmpeg")) sources.push(await startFfmpeg(folder, seconds));
  return { sources, absent };
}
