import { spawn } from "node:child_process";
import path from "node:path";
import type { Duplex } from "node:stream";
import { parseArgs } from "node:util";
import { Fault } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import type { SourceInput, Transport } from "../../registry/index.ts";
import { Link } from "../link.ts";
import type { ProbeAnswer } from "../recorder-messages.ts";
import { withDoors } from "./doors.ts";
import type { Io } from "./io.ts";
import { askSecret, table } from "./io.ts";

const HELP = `mingjian camera add --name NAME --url rtsp://... [--sub rtsp://...] [--unit ID] [--id ID] [--user NAME] [--ask-password]
                    [--transport auto|tcp|udp] [--certificate-sha256 HEX] [--position TEXT] [--no-record] [--no-probe] [--allow-shared-url]
mingjian camera list [--json]
mingjian camera probe --url rtsp://... [--user NAME] [--ask-password] [--transport auto|tcp|udp] [--json]
mingjian camera remove ID
The password is asked for, or read from the first line of standard input; on a command line others could see it.
`;

export async function cameraCommand(args: string[], io: Io): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === "add") return add(rest, io);
  if (verb === "list") return list(rest, io);
  if (verb === "probe") return probe(rest, io);
  if (verb === "remove") return remove(rest, io);
  io.out(HELP);
  return verb === "--help" ? 0 : 2;
}

const SOURCE_OPTIONS = {
  url: { type: "string" },
  user: { type: "string" },
  "ask-password": { type: "boolean", default: false },
  transport: { type: "string", default: "auto" },
  "certificate-sha256": { type: "string" },
} as const;

type SourceValues = {
  url?: string | undefined;
  user?: string | undefined;
  "ask-password": boolean;
  transport: string;
  "certificate-sha256"?: string | undefined;
};

async function readSource(values: SourceValues, io: Io): Promise<SourceInput> {
  if (values.url === undefined || !/^rtsps?:\/\//.test(values.url)) throw new Fault("bad-input", "--url rtsp://... is needed", { pointer: "/url" });
  if (!["auto", "tcp", "udp"].includes(values.transport)) throw new Fault("bad-input", "--transport is auto, tcp or udp", { pointer: "/transport" });
  const password = values["ask-password"] ? await askSecret(io, "摄像机密码 / Camera password: ") : undefined;
  return { url: values.url, user: values.user, password, transport: values.transport as Transport, certificateSha256: values["certificate-sha256"] };
}

async function add(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ...SOURCE_OPTIONS,
      name: { type: "string" },
      sub: { type: "string" },
      unit: { type: "string" },
      id: { type: "string" },
      position: { type: "string" },
      "no-record": { type: "boolean", default: false },
      "no-probe": { type: "boolean", default: false },
      "allow-shared-url": { type: "boolean", default: false },
    },
  });
  const main = await readSource(values, io);
  if (!values["no-probe"]) {
    const answer = await probeOnce(main);
    if (!answer.ok) {
      io.err(`${probeTable(answer)}\n没有添加。加 --no-probe 可先登记后接通。/ Not added. --no-probe enters it all the same.\n`);
      return 1;
    }
  }
  return withDoors(io, async ({ registry }) => {
    const units = await registry.reader.units();
    const unit =
      values.unit ??
      units.find((one) => one.kind === "operator" && !one.demo)?.id ??
      (await registry.writer.addUnit({ id: "unit-1", name: "本单位", kind: "operator", parent: null }, "system:command")).id;
    const { url: _, ...credentials } = main;
    const camera = await registry.writer.addCamera(
      {
        id: values.id,
        unit,
        name: values.name ?? main.url.replace(/^rtsps?:\/\/(?:[^@/]*@)?/, ""),
        position: values.position,
        record: !values["no-record"],
        main,
        sub: values.sub === undefined ? undefined : { ...credentials, url: values.sub },
        allowSharedUrl: values["allow-shared-url"],
      },
      "system:command",
    );
    io.out(`${camera.id}\n`);
    return 0;
  });
}

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
  return withDoors(io, async ({ registry }) => {
    const cameras = await registry.reader.cameras();
    if (values.json) io.out(`${JSON.stringify(cameras, undefined, 2)}\n`);
    else
      io.out(
        table(
          ["id", "名称 name", "单位 unit", "启用 on", "录像 record", "主码流 main"],
          cameras.map((one) => [one.id, one.name, one.unit, one.enabled ? "✓" : "-", one.record ? "✓" : "-", one.streams[0]?.url ?? ""]),
        ),
      );
    return 0;
  });
}

async function remove(args: string[], io: Io): Promise<number> {
  const [id] = args;
  if (id === undefined) {
    io.err(HELP);
    return 2;
  }
  return withDoors(io, async ({ registry }) => {
    const camera = await registry.reader.camera(id as CameraId);
    if (camera === undefined) throw new Fault("not-found", `no camera ${id}; see mingjian camera list`);
    await registry.writer.removeCamera(camera.id, camera.version, "system:command");
    io.out("已移除；录像保留到期满。/ Removed; its footage stays for its period.\n");
    return 0;
  });
}

async function probe(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { ...SOURCE_OPTIONS, json: { type: "boolean", default: false } } });
  const answer = await probeOnce(await readSource(values, io));
  io.out(values.json ? `${JSON.stringify({ ...answer, picture: answer.picture === null ? null : { mime: answer.picture.mime } })}\n` : probeTable(answer));
  return answer.ok ? 0 : 1;
}

function probeTable(answer: ProbeAnswer): string {
  const marks = { ok: "✓", failed: "✗", skipped: "-" };
  const steps = table(
    ["步骤 step", "", "ms", "code", ""],
    answer.steps.map((one) => [one.step, marks[one.outcome], one.ms.toFixed(0), one.code ?? "", one.detail ?? ""]),
  );
  return `${steps}${answer.tracks.map((one) => `${one.kind} ${one.codec} ${one.kind === "video" ? `${one.width}x${one.height}` : ""} ${one.codecString}\n`).join("")}`;
}

/** Probes in a process of its own that ends with it: no recorder need run. */
function probeOnce(source: SourceInput): Promise<ProbeAnswer> {
  const script = path.join(import.meta.dirname, "../probe-main.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  return new Promise((resolve, reject) => {
    const link = new Link(
      child.stdio[3] as Duplex,
      (message) => {
        resolve(message["answer"] as ProbeAnswer);
        child.kill();
      },
      () => reject(new Fault("recorder-away", "the probe ended without an answer")),
    );
    link.send({ t: "probe", source });
  });
}
