import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Fault } from "@mingjian/vocab";
import { sha256, systemDisk } from "../../ports/index.ts";
import { fsck } from "../../recording/index.ts";
import type { FsckReport } from "../../recording/index.ts";
import type { Io } from "./io.ts";
import { settingsOf } from "./io.ts";

const FINDINGS_SHOWN_MAX = 100;
const HELP = `mingjian fsck [--fast] [--json] [--root FOLDER]
  --fast   sizes, indexes and chains; leaves the payload unread
  --root   a footage folder, or a copy of one; by default this station's
Reads only; may run beside a running station. Exit status 0: all footage is what its chains say. 1: it is not.
`;

export async function fsckCommand(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      fast: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      root: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    io.out(HELP);
    return 0;
  }
  const root = values.root ?? path.join(settingsOf(io).data, "footage");
  if (!existsSync(root)) throw new Fault("not-found", `${root}: no such folder; nothing was ever recorded here, or the data folder is another (MINGJIAN_DATA)`);
  const report = await fsck(root, {
    disk: systemDisk(),
    hash: sha256,
    fast: values.fast,
    onStream: (stream, done, total) => io.err(`\r${done}/${total} ${stream}\u001b[K`),
  });
  io.err("\r\u001b[K");
  io.out(values.json ? `${JSON.stringify(report)}\n` : words(report));
  return report.clean ? 0 : 1;
}

function words(report: FsckReport): string {
  const counts = `${report.streams} 路码流 streams, ${report.segments} 段 segments, ${report.fragments} 分片 fragments, ${(report.bytes / 1e9).toFixed(3)} GB, ${report.entries} 链条目 chain entries\n`;
  const shown = [...report.problems.map((one) => ["✗", one] as const), ...report.notes.map((one) => ["·", one] as const)].slice(0, FINDINGS_SHOWN_MAX);
  const lines = shown.map(([mark, one]) => `${mark} ${one.code}  ${one.path}  ${one.detail}\n`).join("");
  const more = report.problems.length + report.notes.length - shown.length;
  const verdict = report.clean
    ? "完整：全部录像与链一致。 Whole: all footage is what its chains say.\n"
    : `不完整：${report.problems.length} 处问题。 Not whole: ${report.problems.length} problems.\n`;
  return `${counts}${lines}${more > 0 ? `… ${more} more (--json shows all)\n` : ""}${verdict}`;
}
