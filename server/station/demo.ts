import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { isFault } from "@mingjian/vocab";
import type { CameraId, UnitId } from "@mingjian/vocab";
import type { Registry } from "../registry/index.ts";
import type { Logger } from "./log.ts";

export const DEMO_UNIT = "demo" as UnitId;
const START_TIMEOUT_MS = 20_000;
const PLACES = ["正门广场", "东侧路口", "地下停车场入口", "图书馆大厅", "操场看台", "北门通道", "公交站台", "办公楼前厅"];

export interface Demo {
  stop(): void;
}

/** Starts simulated cameras in a process of their own and enters them, marked as a demonstration, in a unit of their own. */
export async function startDemo(registry: Registry, count: number, log: Logger): Promise<Demo> {
  const script = path.join(import.meta.dirname, "../../simulators/src/main.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, "--cameras", String(count), "--port", "0", "--with-parent"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { urls, subUrls } = await new Promise<{ urls: string[]; subUrls: string[] }>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the demo cameras did not start")), START_TIMEOUT_MS);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the demo cameras ended with ${code}`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line) as { urls: string[]; subUrls: string[] });
    });
  });
  child.removeAllListeners("exit");
  child.on("exit", (code) => log.warn({ code }, "the demo cameras ended"));
  await ensureUnit(registry);
  for (const [at, main] of urls.entries()) await ensureCamera(registry, at, { main, sub: subUrls[at] ?? main });
  return { stop: () => child.kill("SIGTERM") };
}

async function ensureUnit(registry: Registry): Promise<void> {
  if ((await registry.reader.unit(DEMO_UNIT)) === undefined) {
    await registry.writer.addUnit({ id: DEMO_UNIT, name: "演示单位 Demo", kind: "operator", parent: null, demo: true }, "system:demo");
  }
}

async function ensureCamera(registry: Registry, at: number, url: { main: string; sub: string }): Promise<void> {
  const id = `demo-${at + 1}` as CameraId;
  const sources = { main: { url: url.main }, sub: { url: url.sub } };
  const known = await registry.reader.camera(id);
  try {
    if (known === undefined) {
      const name = `演示 ${at + 1} ${PLACES[at % PLACES.length]}`;
      await registry.writer.addCamera({ id, unit: DEMO_UNIT, name, position: "模拟摄像机 simulated camera", demo: true, ...sources }, "system:demo");
    } else {
      await registry.writer.changeCamera(id, { version: known.version, enabled: true, ...sources }, "system:demo");
    }
  } catch (error) {
    if (!isFault(error)) throw error;
  }
}

/** Without the demonstration its cameras have nobody to answer: they are switched off, their footage stays for its period. */
export async function switchDemoOff(registry: Registry): Promise<void> {
  for (const camera of await registry.reader.cameras()) {
    if (camera.demo && camera.enabled) await registry.writer.changeCamera(camera.id, { version: camera.version, enabled: false }, "system:demo");
  }
}
