import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT, ended, isInstalled, lineOf, pidOf, start, stop } from "./children.ts";
import { framesBelow } from "./mp4-frames.ts";
import { familyOf } from "./processes.ts";
import { Product } from "./product.ts";

/** A recorder that runs. */
export interface Running {
  /** The processes that record. */
  pids(): number[];
  /** All processes of the product, where there are more. */
  allPids?(): number[];
  /**
   * Ends it cleanly and counts the frames in what it wrote.
   * @param hangUp makes the cameras end their connections
   */
  stop(hangUp: () => Promise<void>): Promise<number>;
}

export interface RecorderUnderTest {
  readonly name: string;
  /** Why it cannot run here, or undefined. */
  readonly missing: () => string | undefined;
  readonly start: (urls: readonly string[], folder: string) => Promise<Running>;
  /** Said beside its figures. */
  readonly note: string;
}

const mingjian: RecorderUnderTest = {
  name: "mingjian",
  missing: () => undefined,
  note: "as shipped: whole product started; figures of the recorder process; SHA-256, chain and fsync on",
  start: async (urls, folder) => {
    const product = await Product.start(folder);
    for (const [index, url] of urls.entries()) await product.addCamera(`cam-${index + 1}`, url);
    return {
      pids: () => product.recorderPids(),
      allPids: () => product.allPids(),
      stop: async () => {
        await product.stop();
        return framesBelow(path.join(folder, "footage"));
      },
    };
  },
};

const ffmpeg: RecorderUnderTest = {
  name: "ffmpeg",
  missing: () => (isInstalled("ffmpeg") ? undefined : "ffmpeg is not installed"),
  note: "one process a camera, -c copy into fragmented MP4; no hash, no fsync",
  start: async (urls, folder) => {
    const children = urls.map((url, index) =>
      start(
        "ffmpeg",
        [
          "-loglevel",
          "fatal",
          "-nostdin",
          "-y",
          "-rtsp_transport",
          "tcp",
          "-i",
          url,
          "-c",
          "copy",
          "-f",
          "mp4",
          "-movflags",
          "frag_keyframe+empty_moov",
          path.join(folder, `${index}.mp4`),
        ],
        { stdio: "ignore" },
      ),
    );
    return {
      pids: () => children.map(pidOf),
      // Without data it does not notice a signal; at the end of its input it finishes its file.
      stop: async (hangUp) => {
        await hangUp();
        await Promise.all(children.map(ended));
        return framesBelow(folder);
      },
    };
  },
};

/** Compiles floor.c, with libcrypto's SHA-256 where its headers are. Says which. */
function compileFloor(folder: string): string {
  const program = path.join(folder, "floor");
  const common = ["-O2", path.join(ROOT, "bench/c/floor.c"), "-o", program];
  if (spawnSync("cc", ["-DWITH_LIBCRYPTO", ...common, "-lcrypto"], { stdio: "ignore" }).status === 0) return program;
  const plain = spawnSync("cc", common, { encoding: "utf8" });
  if (plain.status !== 0) throw new Error(`cc: ${plain.stderr}`);
  return program;
}

function floorOf(name: string, beatMs: number, note: string): RecorderUnderTest {
  return {
    name,
    missing: () => (spawnSync("cc", ["--version"], { stdio: "ignore" }).error === undefined ? undefined : "no C compiler"),
    note,
    start: async (urls, folder) => {
      const media = path.join(folder, "media");
      mkdirSync(media);
      const child = start(compileFloor(folder), [media, String(beatMs)]);
      const result = lineOf(child, "floor", (line) => JSON.parse(line) as { frames: number; sha: string });
      child.stdin?.end(urls.join("\n"));
      return {
        pids: () => [pidOf(child)],
        stop: async () => {
          await stop(child);
          return (await result).frames;
        },
      };
    },
  };
}

const ZLM_SECRET = "bench-bench-bench-bench-bench-12";

function zlmSettings(folder: string, port: number): string {
  return `[api]
secret=${ZLM_SECRET}
[general]
enableVhost=0
[protocol]
enable_mp4=1
enable_hls=0
enable_rtmp=0
enable_ts=0
enable_fmp4=0
mp4_save_path=${folder}
mp4_max_second=60
[http]
port=${port}
sslport=0
[rtsp]
port=0
sslport=0
[rtmp]
port=0
sslport=0
[rtp_proxy]
port=0
[shell]
port=0
`;
}

const ZLM_HTTP_PORT = 18_950;

const zlmediakit: RecorderUnderTest = {
  name: "zlmediakit",
  missing: () => {
    const binary = process.env["MINGJIAN_BENCH_ZLM"];
    if (binary === undefined) return "MINGJIAN_BENCH_ZLM names no binary";
    return existsSync(binary) ? undefined : `${binary} does not exist`;
  },
  note: "only MP4 recording enabled; no hash, no fsync",
  start: async (urls, folder) => {
    const settings = path.join(folder, "config.ini");
    writeFileSync(settings, zlmSettings(folder, ZLM_HTTP_PORT));
    const child = start(process.env["MINGJIAN_BENCH_ZLM"] ?? "", ["-c", settings, "-l", "4"], { stdio: "ignore" });
    const call = async (name: string, fields: Record<string, string>): Promise<void> => {
      const query = new URLSearchParams({ secret: ZLM_SECRET, ...fields });
      const url = `http://127.0.0.1:${ZLM_HTTP_PORT}/index/api/${name}?${query.toString()}`;
      const deadline = Date.now() + 15_000;
      for (;;) {
        const answer = await fetch(url).catch(() => undefined);
        if (answer?.ok === true) return;
        if (Date.now() > deadline) throw new Error(`ZLMediaKit does not answer ${name}`);
      }
    };
    for (const [index, url] of urls.entries()) {
      await call("addStreamProxy", {
        vhost: "__defaultVhost__",
        app: "live",
        stream: `cam${index}`,
        url,
        rtp_type: "0",
        enable_mp4: "1",
      });
    }
    return {
      pids: () => familyOf([pidOf(child)]),
      stop: async () => {
        await stop(child, "SIGINT");
        return framesBelow(folder);
      },
    };
  },
};

export const RECORDERS: readonly RecorderUnderTest[] = [
  mingjian,
  ffmpeg,
  floorOf("floor", 0, "C: reads as packets arrive, SHA-256, write; no repackaging, no fsync"),
  zlmediakit,
];

/** Not a row of its own accord: the floor on the recorder's own beat. */
export const FLOOR_ON_A_BEAT = floorOf("floor-100ms", 100, "C: reads every 100 ms, SHA-256, write; no repackaging, no fsync");
