import { createPrivateKey } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SIGNATURE_FILE, ask, loadPack, packSkeleton } from "@mingjian/law";
import type { Pack, PackFile } from "@mingjian/law";
import { CommandError, EXIT_WRONG, both, write } from "./io.ts";
import type { CommandIo } from "./io.ts";
import { problemLine, readPackFiles, signPack } from "./packs.ts";

const BUILT_IN = fileURLToPath(new URL("../../../../packages/law/packs/", import.meta.url));

async function builtInFolders(): Promise<string[]> {
  const entries = await readdir(BUILT_IN, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(BUILT_IN, entry.name))
    .sort();
}

/** Checks pack folders: pack.json against schema and sense, cases.ndjson against the pack, SOURCES.md present. */
export async function lint(folders: readonly string[], io: CommandIo): Promise<number> {
  let status = 0;
  for (const folder of folders.length > 0 ? folders : await builtInFolders()) {
    const problems = await lintFolder(folder);
    if (problems.length > 0) status = EXIT_WRONG;
    const verdict = problems.length === 0 ? { zh: "无误", en: "sound" } : { zh: `${problems.length} 处有误`, en: `${problems.length} problems` };
    await write(io.stdout, `${problems.join("")}${folder}: ${both(verdict)}\n`);
  }
  return status;
}

function textOf(files: readonly PackFile[], name: string): string | undefined {
  const file = files.find((candidate) => candidate.name === name);
  return file === undefined ? undefined : Buffer.from(file.bytes).toString("utf8");
}

function missingFile(folder: string, name: string, remedy: { zh: string; en: string }): string {
  return `${join(folder, name)}:1 /: ${both({ zh: "缺少该文件", en: "the file is missing" })}; ${both(remedy)}\n`;
}

async function lintFolder(folder: string): Promise<string[]> {
  const files = await readPackFiles(folder);
  const problems: string[] = [];
  if (textOf(files, "SOURCES.md") === undefined)
    problems.push(missingFile(folder, "SOURCES.md", { zh: "写明文本来源和不确定之处", en: "say where the text comes from and what is unsure" }));
  const cases = textOf(files, "cases.ndjson");
  if (cases === undefined) problems.push(missingFile(folder, "cases.ndjson", { zh: "按条文写出问答", en: "write questions and answers from the text" }));
  const data = textOf(files, "pack.json");
  if (data === undefined) return [...problems, missingFile(folder, "pack.json", { zh: "用 law new 生成", en: "make one with law new" })];
  const result = loadPack(data);
  if ("problems" in result) return [...problems, ...result.problems.map((problem) => problemLine(join(folder, "pack.json"), problem))];
  return [...problems, ...lintCases(join(folder, "cases.ndjson"), cases ?? "", result.pack)];
}

function lintCases(file: string, text: string, pack: Pack): string[] {
  const problems: string[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const wrong = caseProblem(line, pack);
    if (wrong !== undefined)
      problems.push(
        `${file}:${index + 1} /: ${both(wrong)}; ${both({ zh: "以条文为准，改正案例或者规则", en: "go back to the text and correct the case or the rule" })}\n`,
      );
  });
  return problems;
}

function caseProblem(line: string, pack: Pack): { zh: string; en: string } | undefined {
  const answered: Readonly<Record<string, unknown>> = { ...ask(new Map([[pack.data.id, pack]]), line) };
  const failed = answered["error"];
  if (failed !== undefined) return { zh: `案例无法回答 ${JSON.stringify(failed)}`, en: "the case cannot be answered" };
  const known: unknown = JSON.parse(line);
  const expected = typeof known === "object" && known !== null && "expect" in known ? known.expect : undefined;
  if (typeof expected !== "object" || expected === null) return { zh: "案例缺少 expect", en: "the case has no expect" };
  const fields = Object.entries(expected)
    .filter(([field, value]) => !agrees(field, value, answered[field]))
    .map(([field]) => field);
  if (fields.length === 0) return undefined;
  return { zh: `与规则不符：${fields.join("、")}`, en: `the pack answers otherwise in ${fields.join(", ")}` };
}

function agrees(field: string, expected: unknown, found: unknown): boolean {
  if (!Array.isArray(expected) || !Array.isArray(found)) return JSON.stringify(expected) === JSON.stringify(found);
  const has = new Set<unknown>(found);
  return expected.every((entry) => has.has(entry)) && (field === "articles" || has.size === new Set(expected).size);
}

const PACK_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Writes the skeleton of a pack into a new folder named after it. */
export async function newPack(id: string, from: string, into: string, io: CommandIo): Promise<number> {
  if (!PACK_ID.test(id)) throw new CommandError({ zh: `编号只用小写字母、数字和连字符：${id}`, en: `an id is lower-case letters, digits and hyphens: ${id}` });
  if (!DAY.test(from)) throw new CommandError({ zh: `日期应写作 YYYY-MM-DD：${from}`, en: `a date is written YYYY-MM-DD: ${from}` });
  const folder = join(into, id);
  await mkdir(into, { recursive: true });
  await mkdir(folder).catch(() => {
    throw new CommandError({ zh: `${folder} 已经存在或者不能建立`, en: `${folder} exists already or cannot be made` });
  });
  for (const [name, text] of Object.entries(packSkeleton(id, from))) await writeFile(join(folder, name), text);
  await write(io.stdout, `${folder}: ${both({ zh: "已生成，填写后运行 law lint", en: "made; fill it in, then run law lint" })}\n`);
  return 0;
}

/** Signs a pack folder: pack.sig over the manifest of all its other files. */
export async function signFolder(folder: string, keyFile: string, io: CommandIo): Promise<number> {
  const key = await readFile(keyFile)
    .then(createPrivateKey)
    .catch(() => {
      throw new CommandError({ zh: `${keyFile} 不是私钥（PEM）`, en: `${keyFile} is not a private key in PEM` });
    });
  await writeFile(join(folder, SIGNATURE_FILE), signPack(await readPackFiles(folder), key));
  await write(io.stdout, `${join(folder, SIGNATURE_FILE)}: ${both({ zh: "已签名", en: "signed" })}\n`);
  return 0;
}
