import { parseArgs } from "node:util";
import { startStation } from "../main.ts";
import type { Io } from "./io.ts";
import { settingsOf } from "./io.ts";

const HELP = `mingjian start [--demo]
  --demo    with simulated cameras, plainly marked as a demonstration
Runs until SIGINT or SIGTERM; footage that was acknowledged survives any end.
`;

export async function startCommand(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { demo: { type: "boolean", default: false }, "no-demo": { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    io.out(HELP);
    return 0;
  }
  const settings = settingsOf(io);
  const demo = values.demo && !values["no-demo"] && io.environment["MINGJIAN_DEMO"] !== "false";
  io.err("正在启动… / Starting …\n");
  const running = await startStation(settings, { demo });
  io.out(`\n明鉴已启动 / Mingjian runs at  ${running.address}\n`);
  io.out(`数据目录 / data folder:        ${settings.data}\n`);
  if (demo) io.out(`演示模式：画面来自模拟摄像机。/ Demonstration: the pictures come from ${settings.demoCameras} simulated cameras.\n`);
  if (running.setupLink !== undefined) {
    io.out(`\n首次使用，请打开一次性链接创建管理员 / First use: open this one-time link to make the first administrator:\n  ${running.setupLink}\n`);
  }
  io.out("\n按 Ctrl+C 停止 / Ctrl+C stops\n");
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      io.err("正在停止… / Stopping …\n");
      running.stop().then(
        () => resolve(0),
        () => resolve(1),
      );
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    process.on("SIGHUP", stop);
  }).then((status) => {
    setTimeout(() => process.exit(status as number), 2_000).unref();
    return status as number;
  });
}
