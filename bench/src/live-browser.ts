import { existsSync } from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";
import { COUNTER_BLOCKS, readCounter } from "@mingjian/simulators";
import { ROOT } from "./children.ts";
import type { Product } from "./product.ts";

export interface ShownFrame {
  readonly camera: number;
  readonly counter: number;
  readonly shownAtMs: number;
}

export interface Wall {
  /** Frames shown within so many seconds. */
  watch(seconds: number): Promise<{ frames: ShownFrame[]; stream: string }>;
  close(): Promise<void>;
}

export function chromiumPath(): string | undefined {
  const file = process.env["MINGJIAN_CHROMIUM"] ?? "/usr/bin/chromium";
  return existsSync(file) ? file : undefined;
}

// Runs in the page: for each frame put on the screen, its camera, when it was due, and the strip's blocks as brightness.
const COLLECT = `(async (seconds) => {
  const out = [];
  let stream = "";
  const ends = performance.now() + seconds * 1000;
  for (const video of document.querySelectorAll("[data-camera] video")) {
    const camera = Number(video.closest("[data-camera]").dataset.camera.slice(4));
    stream = video.dataset.stream;
    const canvas = new OffscreenCanvas(${COUNTER_BLOCKS}, 1);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    const take = (now, frame) => {
      context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 18, 0, 0, ${COUNTER_BLOCKS}, 1);
      const pixels = context.getImageData(0, 0, ${COUNTER_BLOCKS}, 1).data;
      const luma = [];
      for (let i = 0; i < ${COUNTER_BLOCKS}; i++) luma.push(pixels[i * 4 + 1]);
      out.push([camera, performance.timeOrigin + frame.expectedDisplayTime, luma]);
      if (performance.now() < ends) video.requestVideoFrameCallback(take);
    };
    video.requestVideoFrameCallback(take);
  }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 200));
  return { out, stream };
})`;

function buildConsole(): void {
  if (existsSync(path.join(ROOT, "console/dist/index.html"))) return;
  const built = spawnSync(process.execPath, [path.join(ROOT, "console/build.mjs")], { stdio: "inherit" });
  if (built.status !== 0) throw new Error("the console does not build");
}

/** The console's wall in headless Chromium with the first cameras on it. */
export async function openWall(product: Product, cameras: number): Promise<Wall> {
  buildConsole();
  const browser = await chromium.launch({
    executablePath: chromiumPath() ?? "",
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
  });
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  await context.addCookies(
    product.cookie.split("; ").map((cookie) => ({
      name: cookie.slice(0, cookie.indexOf("=")),
      value: cookie.slice(cookie.indexOf("=") + 1),
      url: product.address,
    })),
  );
  const page = await context.newPage();
  await page.goto(product.address);
  await page.locator(".tree-camera").first().waitFor();
  for (let camera = 1; camera <= cameras; camera++) {
    if ((await page.locator(`[data-camera="cam-${camera}"] video`).count()) === 0)
      await page
        .locator(".tree-camera")
        .nth(camera - 1)
        .click();
  }
  await page.locator('[data-camera] video[data-state="playing"]').first().waitFor();
  return {
    watch: async (seconds) => {
      const { out, stream } = await page.evaluate<{ out: [number, number, number[]][]; stream: string }>(`${COLLECT}(${seconds})`);
      const frames = out.flatMap(([camera, shownAtMs, luma]) => {
        const counter = readCounter(COUNTER_BLOCKS, 18, (x) => luma[x] ?? 0);
        return counter === undefined ? [] : [{ camera, counter, shownAtMs }];
      });
      return { frames, stream };
    },
    close: () => browser.close(),
  };
}
