import { createHash, createPublicKey, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SIGNATURE_FILE, loadPack, packManifest, packs } from "@mingjian/law";
import type { LocatedProblem, Pack, PackFile } from "@mingjian/law";
import { CommandError, both } from "./io.ts";

/** How a pack came in. Packs of the product are `built-in`; a pack from outside is `signed` only when a key given by the user confirmed it. */
export type PackOrigin = "built-in" | "signed" | "unsigned";

export interface KnownPack {
  readonly pack: Pack;
  readonly origin: PackOrigin;
}
export type KnownPacks = ReadonlyMap<string, KnownPack>;

/** Most files a pack folder may hold. */
export const PACK_FILES_MAX = 64;
/** Largest file a pack folder may hold, in bytes. */
export const PACK_FILE_BYTES_MAX = 16 * 1024 * 1024;
const SIGNATURE_BYTES = 64;

export async function readPackFiles(folder: string): Promise<PackFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new CommandError({ zh: `读不到文件夹 ${folder}`, en: `cannot read the folder ${folder}` });
  });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  if (names.length > PACK_FILES_MAX)
    throw new CommandError({ zh: `${folder} 中超过 ${PACK_FILES_MAX} 个文件`, en: `${folder} holds more than ${PACK_FILES_MAX} files` });
  const files: PackFile[] = [];
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    if (bytes.length > PACK_FILE_BYTES_MAX)
      throw new CommandError({ zh: `${name} 超过 ${PACK_FILE_BYTES_MAX} 字节`, en: `${name} is larger than ${PACK_FILE_BYTES_MAX} bytes` });
    files.push({ name, bytes });
  }
  return files;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function manifestOf(files: readonly PackFile[]): Buffer {
  return Buffer.from(packManifest(files, sha256));
}

/** The detached signature of a pack folder's manifest, in base64 with a final newline: the content of pack.sig. */
export function signPack(files: readonly PackFile[], key: KeyObject): string {
  if (key.asymmetricKeyType !== "ed25519") throw new CommandError({ zh: "私钥不是 Ed25519", en: "the private key is not Ed25519" });
  return `${sign(null, manifestOf(files), key).toString("base64")}\n`;
}

async function readPublicKey(file: string): Promise<KeyObject> {
  try {
    const key = createPublicKey(await readFile(file));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below, with the file's name.
  }
  throw new CommandError({ zh: `${file} 不是 Ed25519 公钥（PEM）`, en: `${file} is not an Ed25519 public key in PEM` });
}

/**
 * Whether a pack folder is signed by the key given. Without a key every pack from outside is unsigned: a signature
 * nobody checks says nothing. With a key a missing or wrong signature refuses the pack.
 */
export async function originOf(files: readonly PackFile[], folder: string, keyFile: string | undefined): Promise<PackOrigin> {
  if (keyFile === undefined) return "unsigned";
  const key = await readPublicKey(keyFile);
  const file = files.find((candidate) => candidate.name === SIGNATURE_FILE);
  if (file === undefined) throw new CommandError({ zh: `${folder} 没有 ${SIGNATURE_FILE}`, en: `${folder} has no ${SIGNATURE_FILE}` });
  const signature = Buffer.from(Buffer.from(file.bytes).toString("latin1").trim(), "base64");
  if (signature.length === SIGNATURE_BYTES && verify(null, manifestOf(files), key, signature)) return "signed";
  throw new CommandError({ zh: `${folder} 的签名与内容或者公钥不符`, en: `the signature of ${folder} does not fit its content and this key` });
}

export function problemLine(file: string, problem: LocatedProblem): string {
  return `${file}:${problem.line} ${problem.path === "" ? "/" : problem.path}: ${both(problem.message)}; ${both(problem.remedy)}\n`;
}

/** Loads one pack from outside; it may not take the place of a built-in one. */
export async function loadOutside(folder: string, keyFile: string | undefined): Promise<KnownPack> {
  const files = await readPackFiles(folder);
  const origin = await originOf(files, folder, keyFile);
  const data = files.find((file) => file.name === "pack.json");
  if (data === undefined) throw new CommandError({ zh: `${folder} 没有 pack.json`, en: `${folder} has no pack.json` });
  const result = loadPack(Buffer.from(data.bytes).toString("utf8"));
  if ("problems" in result) {
    const list = result.problems.map((problem) => problemLine(join(folder, "pack.json"), problem)).join("");
    throw new CommandError({ zh: `规则包有误\n${list}`, en: `the pack has problems, see the lines above` });
  }
  const { id } = result.pack.data;
  if (packs.has(id)) throw new CommandError({ zh: `${id} 是内置规则包的编号`, en: `${id} is the id of a built-in pack` });
  return { pack: result.pack, origin };
}

/** The built-in packs and those from outside, by id. */
export async function gatherPacks(folders: readonly string[], keyFile: string | undefined): Promise<KnownPacks> {
  const known = new Map<string, KnownPack>([...packs].map(([id, pack]) => [id, { pack, origin: "built-in" }]));
  for (const folder of folders) {
    const outside = await loadOutside(folder, keyFile);
    const { id } = outside.pack.data;
    if (known.has(id)) throw new CommandError({ zh: `规则包 ${id} 给出两次`, en: `the pack ${id} is given twice` });
    known.set(id, outside);
  }
  return known;
}
