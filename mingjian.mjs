#!/usr/bin/env node
// The launcher: plain JavaScript, so that the system's own Node (20 or later) can run it before anything is installed.
// It installs what is missing, builds the console and the recorder when their sources are newer, and hands over to Node 24 from the lock file.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(fileURLToPath(import.meta.url));
const [major] = process.versions.node.split(".").map(Number);
if (major < 20) fail(`需要 Node 20 或更高版本，当前为 ${process.version}。 / Node 20 or later is needed; this is ${process.version}.`);

installWhenNeeded();
const node = runtime();
const args = process.argv.slice(2);
if (args[0] === "start" || args[0] === "bench") buildWhenNeeded(node);
run(node, args);

function installWhenNeeded() {
  const stamp = path.join(root, "node_modules", ".package-lock.json");
  const lock = path.join(root, "package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  say("正在安装所需软件包（首次约一分钟）… / Installing packages (about a minute the first time) …");
  const npm = process.env.npm_execpath;
  const command = npm ? [process.execPath, npm] : ["npm"];
  const done = spawnSync(command[0], [...command.slice(1), "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (done.status !== 0)
    fail("安装失败：请看上面的 npm 输出（网络、磁盘空间、权限）。 / Installing failed: see npm's words above (network, disk space, rights).");
  say("安装完成。 / Installed.");
}

/** Node 24 that npm brought, or this Node when it is new enough to run TypeScript. */
function runtime() {
  const packaged = path.join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (existsSync(packaged) && spawnSync(packaged, ["--version"]).status === 0) return packaged;
  const [own, minor] = process.versions.node.split(".").map(Number);
  if (own > 22 || (own === 22 && minor >= 18)) return process.execPath;
  return fail("找不到可用的 Node 24，请重新运行 npm ci。 / No usable Node 24 found: run npm ci again.");
}

function buildWhenNeeded(node) {
  const console_ = ["console/src", "packages/contract/src", "packages/media/src"];
  if (older("console/dist/index.html", console_)) build(node, "console/build.mjs", "正在构建控制台… / Building the console …");
  const recorder = ["server/ingest", "server/recording", "server/ports", "server/station", "packages/media/src", "packages/vocab/src"];
  if (older("server/dist/recorder-main.mjs", recorder)) build(node, "server/station/build.mjs", "正在构建录像进程… / Building the recorder …");
}

function older(built, folders) {
  const file = path.join(root, built);
  if (!existsSync(file)) return true;
  const at = statSync(file).mtimeMs;
  return folders.some((folder) => newest(path.join(root, folder)) > at);
}

function build(node, script, words) {
  say(words);
  const done = spawnSync(node, [path.join(root, script)], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (done.status !== 0) fail(`构建失败：${script}。 / ${script} did not build.`);
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(full) : statSync(full).mtimeMs);
  }
  return latest;
}

function run(node, args) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", path.join(root, "server", "station", "cli.ts"), ...args], {
    stdio: "inherit",
    env: { ...process.env, MINGJIAN_BUILT: "true" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`无法启动 / Could not start: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function say(words) {
  process.stderr.write(`${words}\n`);
}

function fail(words) {
  say(words);
  process.exit(1);
}
