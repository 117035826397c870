import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { isFault } from "@mingjian/vocab";
import { createLog } from "../log.ts";
import { CONSOLE_FOLDER, openStationDatabase } from "../main.ts";
import type { Settings } from "../settings.ts";
import type { Io } from "./io.ts";
import { settingsOf, table } from "./io.ts";

interface Finding {
  readonly what: string;
  readonly state: "ok" | "warning" | "failed";
  readonly words: string;
}

const MEMORY_BYTES_MIN = 1024 ** 3;
const HELP = "mingjian doctor [--json]    looks over this machine, the data folder, the database and the port\n";

/** Looks over the machine before or beside a running station; changes nothing but what opening the database changes. */
export async function doctorCommand(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } } });
  if (values.help) {
    io.out(HELP);
    return 0;
  }
  const findings: Finding[] = [node(), memory()];
  const settings = readSettings(io, findings);
  if (settings !== undefined) {
    findings.push(folder(settings), disk(settings), consoleBuilt(), await port(settings), await database(settings), exposure(settings));
  }
  if (values.json) io.out(`${JSON.stringify({ findings })}\n`);
  else {
    const marks = { ok: "✓", warning: "!", failed: "✗" };
    io.out(
      table(
        ["", "", ""],
        findings.map((one) => [marks[one.state], one.what, one.words]),
      )
        .split("\n")
        .slice(2)
        .join("\n"),
    );
  }
  return findings.some((one) => one.state === "failed") ? 1 : 0;
}

function node(): Finding {
  return { what: "Node", state: Number(process.versions.node.split(".")[0]) >= 22 ? "ok" : "failed", words: `${process.version} ${process.arch}` };
}

function memory(): Finding {
  const free = os.freemem();
  return {
    what: "内存 memory",
    state: free > MEMORY_BYTES_MIN ? "ok" : "warning",
    words: `${(free / 1024 ** 3).toFixed(1)} GiB free of ${(os.totalmem() / 1024 ** 3).toFixed(1)}`,
  };
}

function readSettings(io: Io, findings: Finding[]): Settings | undefined {
  try {
    const settings = settingsOf(io);
    findings.push({ what: "设置 settings", state: "ok", words: path.join(settings.data, "mingjian.toml") });
    return settings;
  } catch (error) {
    if (!isFault(error)) throw error;
    findings.push({ what: "设置 settings", state: "failed", words: error.message });
    return undefined;
  }
}

function folder(settings: Settings): Finding {
  try {
    accessSync(settings.data, constants.R_OK | constants.W_OK | constants.X_OK);
    return { what: "数据目录 data folder", state: "ok", words: settings.data };
  } catch {
    return { what: "数据目录 data folder", state: "failed", words: `${settings.data} cannot be written by this user` };
  }
}

function disk(settings: Settings): Finding {
  const space = statfsSync(settings.data);
  const freeMb = (space.bavail * space.bsize) / 1_048_576;
  const low = freeMb < settings.diskReserveMb * 2;
  return {
    what: "磁盘 disk",
    state: freeMb < settings.diskReserveMb ? "failed" : low ? "warning" : "ok",
    words: `${(freeMb / 1024).toFixed(1)} GiB free; ${settings.diskReserveMb} MiB stay reserved`,
  };
}

function consoleBuilt(): Finding {
  const built = existsSync(path.join(CONSOLE_FOLDER, "index.html"));
  return { what: "控制台 console", state: built ? "ok" : "warning", words: built ? "built" : "not built yet: mingjian start builds it" };
}

async function port(settings: Settings): Promise<Finding> {
  const code = await new Promise<string>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "failed"));
    server.listen(settings.port, settings.host, () => server.close(() => resolve("")));
  });
  const words = `${settings.host}:${settings.port}`;
  if (code === "") return { what: "端口 port", state: "ok", words: `${words} free` };
  return {
    what: "端口 port",
    state: code === "EADDRINUSE" ? "warning" : "failed",
    words: code === "EADDRINUSE" ? `${words} taken: by a running station, or by another program` : `${words} ${code}`,
  };
}

async function database(settings: Settings): Promise<Finding> {
  try {
    const opened = await openStationDatabase(settings, createLog("error", "doctor"));
    try {
      const [row] = await opened.query<{ version: string }>("select current_setting('server_version') as version");
      return { what: "数据库 database", state: "ok", words: `PostgreSQL ${row?.version ?? ""} ${settings.databaseUrl === "" ? "built-in" : "server"}` };
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { what: "数据库 database", state: "failed", words: error instanceof Error ? error.message : String(error) };
  }
}

function exposure(settings: Settings): Finding {
  const local = settings.host === "127.0.0.1" || settings.host === "localhost" || settings.host === "::1";
  const safe = local || settings.tlsCertificateFile !== "" || settings.behindProxy;
  return {
    what: "网络 network",
    state: safe ? "ok" : "warning",
    words: safe ? (local ? "this machine only" : "with TLS or behind a proxy") : "open to the network without TLS: passwords could be read on the way",
  };
}
