import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { readCounter } from "./counter.ts";

const CHROMIUM = "/usr/bin/chromium";
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 15_000;
const root = path.resolve(import.meta.dirname, "../..");

/** Why the browser tests cannot run here; undefined when they can. */
export function browserMissing(): string | undefined {
  return existsSync(CHROMIUM) ? undefined : `no browser at ${CHROMIUM}: install Debian's chromium to run this test`;
}

/** Bundles the console unless the bundle is newer than every source. */
function ensureBundle(): void {
  const bundle = path.join(root, "console/dist/index.html");
  const builtAt = existsSync(bundle) ? statSync(bundle).mtimeMs : 0;
  const sources = globSync(["console/src/**/*", "console/build.mjs", "packages/{contract,vocab}/src/*.ts"], {
    cwd: root,
  });
  if (sources.some((file) => statSync(path.join(root, file)).mtimeMs > builtAt)) execFileSync(process.execPath, [path.join(root, "console/build.mjs")]);
}

export interface Product {
  readonly url: string;
  readonly setupLink: string;
  stop(): Promise<void>;
}

/** Starts the product as a user would, in demo mode, on a new data folder and a free port. */
export async function startProduct(): Promise<Product> {
  ensureBundle();
  const data = await mkdtemp(path.join(tmpdir(), "mingjian-console-"));
  const child = spawn(process.execPath, [path.join(root, "server/station/cli.ts"), "start", "--demo"], {
    cwd: root,
    env: { ...process.env, MINGJIAN_DATA: data, MINGJIAN_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const setupLink = await linkOf(child);
    return {
      url: new URL(setupLink).origin,
      setupLink,
      stop: async () => {
        await stopped(child);
        await rm(data, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stopped(child);
    await rm(data, { recursive: true, force: true });
    throw error;
  }
}

function linkOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`the product did not start:\n${said}`)), START_MS_MAX);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString("utf8");
      const link = /https?:\/\/\S+\/setup\?token=\S+/.exec(said)?.[0];
      if (link === undefined) return;
      clearTimeout(timer);
      resolve(link);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the product ended with ${code}:\n${said}`));
    });
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await gone;
  clearTimeout(timer);
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
}

export interface Sight {
  /** The frame counter burnt into the picture; undefined while it cannot be read. */
  readonly counter: number | undefined;
  /** UTC milliseconds the player gives this picture. */
  readonly utcMs: number;
  readonly width: number;
}

/** What one camera's video element shows at this moment. */
export async function look(page: Page, camera: string): Promise<Sight> {
  const seen = await page.evaluate((id) => {
    const video = document.querySelector<HTMLVideoElement>(`[data-camera="${id}"] video`);
    // While it seeks, an element still shows the picture of before.
    if (video === null || video.videoWidth === 0 || video.seeking || video.readyState < 2) return undefined;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = Math.ceil(video.videoHeight / 18);
    const context = canvas.getContext("2d");
    if (context === null) return undefined;
    const utcMs = Number(video.dataset["baseUtc"]) + video.currentTime * 1000;
    context.drawImage(video, 0, 0);
    const row = context.getImageData(0, Math.floor(video.videoHeight / 36), canvas.width, 1).data;
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      utcMs,
      green: Array.from({ length: canvas.width }, (_, x) => row[4 * x + 1] ?? 0),
    };
  }, camera);
  if (seen === undefined) return { counter: undefined, utcMs: Number.NaN, width: 0 };
  return {
    counter: readCounter(seen.green),
    utcMs: seen.utcMs,
    width: seen.width,
  };
}

/** Looks until `wanted` likes what it sees. */
export async function lookUntil(page: Page, camera: string, wanted: (sight: Sight) => boolean, timeoutMs = 20_000): Promise<Sight> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const sight = await look(page, camera);
    if (sight.counter !== undefined && wanted(sight)) return sight;
    if (Date.now() > end) throw new Error(`camera ${camera} never showed it; last: ${JSON.stringify(sight)}`);
    await page.waitForTimeout(40);
  }
}
