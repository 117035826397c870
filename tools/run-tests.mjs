#!/usr/bin/env node
// `npm test`: plain JavaScript, so that the system's own Node (20 or later) can begin. It installs what is missing, goes on
// under the Node 24 of the lock file, and runs every check and every test.
//   --only PATTERN   only test files whose path contains PATTERN; no other check
//   --fast           no lint, format or dead-code check
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = path.join(root, "node_modules", ".bin");
const TYPECHECKS_AT_ONCE = 2;
const TEST_FILES_AT_ONCE = 2;
const TEST_TIMEOUT_MS = 600_000;
const CHROMIUM = process.env.MINGJIAN_CHROMIUM ?? "/usr/bin/chromium";
const PARTS = ["packages", "server", "console", "simulators", "bench", "tools"];
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "testdata", "fixtures"]);

const args = process.argv.slice(2);
const fast = args.includes("--fast");
const only = args.includes("--only") ? args[args.indexOf("--only") + 1] : undefined;
if (args.includes("--only") && only === undefined) fail("--only needs a pattern.");

installWhenNeeded();
const node = runtime();
if (node !== process.execPath) {
  const done = spawnSync(node, process.argv.slice(1), { cwd: root, stdio: "inherit", env: environment() });
  process.exit(done.status ?? 1);
}
process.exit(await main());

function environment() {
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}` };
}

/** npm ci when there are no packages, or only those without the tools, or those of an older lock file. */
function installWhenNeeded() {
  const stamp = path.join(root, "node_modules", ".package-lock.json");
  const lock = path.join(root, "package-lock.json");
  const current = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs;
  if (current && existsSync(path.join(bin, "tsc")) && existsSync(path.join(bin, "oxlint"))) return;
  say("正在安装所需软件包（首次约一分钟）… / Installing packages (about a minute the first time) …");
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.execPath, npm] : ["npm"];
  const done = spawnSync(command, [...first, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (done.status !== 0) fail("安装失败：请看上面的 npm 输出。 / Installing failed: see npm's words above.");
  say("安装完成。 / Installed.");
}

/** Node 24 that npm brought, or this Node when it is new enough to run TypeScript. */
function runtime() {
  const packaged = path.join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (process.execPath === packaged) return packaged;
  if (existsSync(packaged) && spawnSync(packaged, ["--version"]).status === 0) return packaged;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  return fail("找不到可用的 Node 24，请重新运行 npm ci。 / No usable Node 24 found: run npm ci again.");
}

async function main() {
  const failed = [];
  const step = async (name, run) => {
    const begun = Date.now();
    const good = await run();
    say(`${good ? "ok  " : "FAIL"} ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    if (!good) failed.push(name);
  };
  if (only === undefined) {
    await step("types", checkTypes);
    if (!fast) {
      await step("lint", () => tool("oxlint", ["--type-aware"]));
      await step("format", () => tool("oxfmt", ["--check", "."]));
      await step("dead code", () => tool("knip", ["--no-progress", "--no-config-hints"]));
    }
  }
  const status = await runTests();
  if (failed.length > 0) say(`Failed before the tests: ${failed.join(", ")}.`);
  return status !== 0 || failed.length > 0 ? 1 : 0;
}

/** One `tsc -p` for each tsconfig, two at a time. */
async function checkTypes() {
  const left = PARTS.flatMap((part) => find(part, (name) => /^tsconfig(?:\.\w+)?\.json$/.test(name))).sort((a, b) => a.localeCompare(b));
  let good = true;
  const worker = async () => {
    for (let config = left.shift(); config !== undefined; config = left.shift()) good = (await tool("tsc", ["-p", config, "--pretty", "false"])) && good;
  };
  await Promise.all(Array.from({ length: TYPECHECKS_AT_ONCE }, worker));
  return good;
}

function runTests() {
  const all = PARTS.flatMap((part) => find(part, (name, folder) => /\.test\.tsx?$/.test(name) && /(?:^|\/)test(?:\/|$)/.test(folder)));
  let files = all.filter((file) => only === undefined || file.includes(only)).sort((a, b) => a.localeCompare(b));
  const browser = files.filter((file) => /\.browser\.test\.tsx?$/.test(file));
  if (browser.length > 0 && !existsSync(CHROMIUM)) {
    say(`Skipped: ${browser.length} browser test file(s), because ${CHROMIUM} is not there (install Debian's chromium, or set MINGJIAN_CHROMIUM).`);
    files = files.filter((file) => !browser.includes(file));
  }
  if (files.length === 0) fail(only === undefined ? "No test file found." : `No test file's path contains "${only}".`);
  return run(node, [
    "--disable-warning=ExperimentalWarning",
    "--test",
    `--test-concurrency=${TEST_FILES_AT_ONCE}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    "--test-reporter=spec",
    ...files,
  ]);
}

function find(folder, wanted) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name.startsWith(".") || SKIPPED_FOLDERS.has(entry.name) ? [] : find(name, wanted);
    return wanted(entry.name, folder) ? [name] : [];
  });
}

async function tool(name, toolArgs) {
  // A launcher in .bin is a script for Node, or a program of its own.
  return (await run(path.join(bin, name), toolArgs)) === 0;
}

function run(command, commandArgs) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: "inherit", env: environment() });
    child.on("error", (error) => {
      say(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code, signal) => {
      if (signal !== null) say(`${path.basename(command)} was ended by ${signal}.`);
      resolve(code ?? 1);
    });
  });
}

function say(words) {
  process.stderr.write(`${words}\n`);
}

function fail(words) {
  say(words);
  process.exit(1);
}
