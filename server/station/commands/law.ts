import { parseArgs } from "node:util";
import { lint, newPack, signFolder } from "./law/author.ts";
import { CommandError, EXIT_USAGE, ReaderGone, both, write } from "./law/io.ts";
import type { CommandIo } from "./law/io.ts";
import { gatherPacks } from "./law/packs.ts";
import type { KnownPacks } from "./law/packs.ts";
import { answerLines, asking, comparing, explaining, packTitle } from "./law/questions.ts";
import { listPacks, showArticle, showDiff } from "./law/views.ts";

const USAGE = `mingjian law COMMAND

  packs                          列出规则包 / list the packs
  ask [--ndjson] [FILE|JSON]     逐行回答问题 / answer questions, one a line
  compare [FILE|JSON]            与上位法比较 / compare with the superior text
  explain [--ndjson] [FILE|JSON] 逐条说明理由 / why this answer, rule by rule
  show ARTICLE --pack PACK       引用某条的规则 / the rules that cite an article
  diff PACK PACK [--date DAY] [--json]   两地差异表 / differences between two packs
  lint [FOLDER...]               检查规则包 / check pack folders
  new PACK [--from DAY] [--into FOLDER]  新规则包的骨架 / skeleton of a new pack
  sign FOLDER --private-key FILE 为规则包签名（Ed25519）/ sign a pack folder

  --pack-path FOLDER   另加载该文件夹的规则包，可多次 / load a pack from outside, may be repeated
  --pack-key FILE      其签名的公钥；不给则标为未签名 / public key of its signature; without it the pack is marked unsigned

退出码 / status: 0, 1 有错误的行或者规则包 / a line or pack had an error, 2 用法或者文件有误 / wrong use or file
`;

const OPTIONS = {
  ndjson: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  pack: { type: "string" },
  "pack-path": { type: "string", multiple: true },
  "pack-key": { type: "string" },
  date: { type: "string" },
  from: { type: "string" },
  into: { type: "string" },
  "private-key": { type: "string" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError({ zh: "参数有误", en: detail });
  }
}

type Parsed = ReturnType<typeof parse>;

/** Runs `mingjian law ...` and resolves to its exit status; it never ends the process itself. */
export async function lawCommand(args: string[], io: CommandIo): Promise<number> {
  let broken: unknown;
  const onError = (error: unknown): void => {
    broken = error;
  };
  io.stdout.on("error", onError);
  try {
    return await run(parse(args), io);
  } catch (error) {
    if (error instanceof ReaderGone || (broken !== undefined && error === broken)) return 0;
    if (!(error instanceof CommandError)) throw error;
    await write(io.stderr, `${error.message}\n`);
    return EXIT_USAGE;
  } finally {
    io.stdout.off("error", onError);
  }
}

async function run({ values, positionals }: Parsed, io: CommandIo): Promise<number> {
  const [command, ...rest] = positionals;
  if (command === undefined || values.help === true) {
    await write(command === undefined && values.help !== true ? io.stderr : io.stdout, USAGE);
    return values.help === true ? 0 : EXIT_USAGE;
  }
  if (command === "lint") return lint(rest, io);
  if (command === "new") return newPack(need(rest[0], "PACK"), values.from ?? "2000-01-01", values.into ?? ".", io);
  if (command === "sign") return signFolder(need(rest[0], "FOLDER"), need(values["private-key"], "--private-key FILE"), io);
  const packs = await gatherPacks(values["pack-path"] ?? [], values["pack-key"]);
  await warnUnsigned(packs, io);
  if (command === "packs") return listPacks(packs, io);
  if (command === "ask") return answerLines(rest[0], io, asking(packs));
  if (command === "compare") return answerLines(rest[0], io, comparing(packs));
  if (command === "explain") return answerLines(rest[0], io, explaining(packs, values.ndjson === true));
  if (command === "show") return showArticle(packs, need(rest[0], "ARTICLE"), need(values.pack, "--pack PACK"), io);
  if (command === "diff") return showDiff(packs, [need(rest[0], "PACK"), need(rest[1], "PACK")], { date: values.date, json: values.json === true }, io);
  throw new CommandError({ zh: `没有命令 ${command}，见 law --help`, en: `there is no command ${command}, see law --help` });
}

function need(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new CommandError({ zh: `缺少 ${name}`, en: `${name} is missing` });
}

async function warnUnsigned(packs: KnownPacks, io: CommandIo): Promise<void> {
  for (const { pack, origin } of packs.values()) {
    if (origin !== "unsigned") continue;
    await write(io.stderr, `${packTitle(pack, origin)}: ${both({ zh: "来源未经签名验证", en: "its origin is not confirmed by a signature" })}\n`);
  }
}
