import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { Type } from "typebox";
import type { Static } from "typebox";
import { Value } from "typebox/value";
import { Fault } from "@mingjian/vocab";

/** Every setting with its limits. The file's keys and the environment's names come from here. */
const SettingsSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 255, default: "127.0.0.1" }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8800 }),
    publicUrl: Type.String({ maxLength: 2048, default: "" }),
    databaseUrl: Type.String({ maxLength: 2048, default: "" }),
    zone: Type.String({ minLength: 1, maxLength: 64, default: "Asia/Shanghai" }),
    keepDaysMin: Type.Integer({ minimum: 1, maximum: 3650, default: 30 }),
    keepDaysMax: Type.Integer({ minimum: 1, maximum: 36_500, default: 90 }),
    diskReserveMb: Type.Integer({ minimum: 64, maximum: 1_000_000, default: 1024 }),
    demoCameras: Type.Integer({ minimum: 1, maximum: 64, default: 4 }),
    logLevel: Type.Enum(["debug", "info", "warn", "error"], { default: "info" }),
    tlsCertificateFile: Type.String({ maxLength: 4096, default: "" }),
    tlsKeyFile: Type.String({ maxLength: 4096, default: "" }),
    behindProxy: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);

export type Settings = Readonly<Static<typeof SettingsSchema>> & { readonly data: string };

type Key = keyof Static<typeof SettingsSchema>;
const KEYS = Object.keys(SettingsSchema.properties) as Key[];

/** `keepDaysMin` is `MINGJIAN_KEEP_DAYS_MIN` in the environment; `databaseUrl` is `DATABASE_URL`. */
export function environmentName(key: string): string {
  if (key === "databaseUrl") return "DATABASE_URL";
  return `MINGJIAN_${key.replaceAll(/([A-Z])/g, "_$1").toUpperCase()}`;
}

export interface SettingFacts {
  readonly key: string;
  readonly environment: string;
  readonly standard: string | number | boolean;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly oneOf: readonly string[] | undefined;
}

/** Every setting as docs/reference/settings.md lists it. */
export function settingFacts(): SettingFacts[] {
  return KEYS.map((key) => {
    const schema = SettingsSchema.properties[key] as unknown as { default: string | number | boolean; minimum?: number; maximum?: number; enum?: string[] };
    return { key, environment: environmentName(key), standard: schema.default, minimum: schema.minimum, maximum: schema.maximum, oneOf: schema.enum };
  });
}

const TEMPLATE = `# Mingjian settings. Each can also be given in the environment, which prevails: port = MINGJIAN_PORT, keepDaysMin = MINGJIAN_KEEP_DAYS_MIN.
# 明鉴设置。每一项也可以用环境变量给出，环境变量优先。

# Address and port of the console and the API. "0.0.0.0" opens them to the network: give a certificate then.
# 控制台和接口的地址与端口；"0.0.0.0" 对网络开放，此时请配置证书。
# host = "127.0.0.1"
# port = 8800

# The address people type, when a proxy or a name stands before this machine. behindProxy trusts X-Forwarded-For of that proxy.
# publicUrl = "https://video.example.cn"
# behindProxy = false

# Certificate and key (PEM files) for HTTPS.
# tlsCertificateFile = ""
# tlsKeyFile = ""

# A PostgreSQL server of your own; empty: the built-in one, kept in the data folder. (environment: DATABASE_URL)
# databaseUrl = ""

# Zone in which days begin and times are shown; everything is stored in UTC.
# zone = "Asia/Shanghai"

# Footage is never deleted before keepDaysMin days, and always after keepDaysMax days unless it is held.
# 录像在 keepDaysMin 天内绝不删除，满 keepDaysMax 天后删除（保全的除外）。
# keepDaysMin = 30
# keepDaysMax = 90

# Megabytes of the disk that footage may not take.
# diskReserveMb = 1024

# Cameras of the demonstration (npm start).
# demoCameras = 4

# debug, info, warn or error
# logLevel = "info"
`;

/** The data folder: MINGJIAN_DATA, or `data` beside the program. */
export function dataFolder(environment: NodeJS.ProcessEnv, programRoot: string): string {
  return path.resolve(environment["MINGJIAN_DATA"] ?? path.join(programRoot, "data"));
}

/** Runs a step on the data folder, with the disk's refusal in our words. */
function onDisk(data: string, step: () => unknown): void {
  try {
    step();
  } catch (error) {
    const { code = "unknown", syscall = "write" } = error as NodeJS.ErrnoException;
    // mkdir -p on a read-only disk is answered with ENOENT.
    const readOnly = code === "EROFS" || (code === "ENOENT" && syscall === "mkdir");
    const fault = readOnly ? "disk-read-only" : code === "ENOSPC" ? "disk-full" : "disk-failed";
    throw new Fault(fault, `the data folder ${data} cannot be written: ${code} (MINGJIAN_DATA names another)`, { path: data, errno: code }, { cause: error });
  }
}

/**
 * Makes the data folder when it is missing.
 * @throws Fault `disk-read-only`, `disk-full`, `disk-failed` when nothing can be written there
 */
export function checkWritable(data: string): void {
  onDisk(data, () => {
    mkdirSync(data, { recursive: true });
    accessSync(data, constants.W_OK);
  });
}

/**
 * Settings from `<data>/mingjian.toml` (written with comments when missing) and the environment.
 * Throws Fault `bad-settings` naming the file or variable and the key.
 */
export function loadSettings(environment: NodeJS.ProcessEnv, programRoot: string): Settings {
  const data = dataFolder(environment, programRoot);
  const file = path.join(data, "mingjian.toml");
  onDisk(data, () => {
    mkdirSync(data, { recursive: true });
    if (!existsSync(file)) writeFileSync(file, TEMPLATE, { mode: 0o640 });
  });
  const raw: Record<string, unknown> = readFile(file);
  for (const key of Object.keys(raw)) {
    if (!KEYS.includes(key as Key)) throw new Fault("bad-settings", `${file}: unknown setting ${key}; known are ${KEYS.join(", ")}`, { where: file, key });
  }
  for (const key of KEYS) {
    const text = environment[environmentName(key)];
    if (text !== undefined && text !== "") raw[key] = fromText(text, key);
  }
  const settings: unknown = Value.Default(SettingsSchema, raw);
  if (!Value.Check(SettingsSchema, settings)) {
    const [first] = Value.Errors(SettingsSchema, settings);
    const key = first?.instancePath.slice(1) ?? "";
    throw new Fault("bad-settings", `${file} or ${environmentName(key)}: ${key} ${first?.message ?? "is not valid"}`, { where: file, key });
  }
  if (settings.keepDaysMax < settings.keepDaysMin) {
    throw new Fault("bad-settings", `${file}: keepDaysMax (${settings.keepDaysMax}) is below keepDaysMin (${settings.keepDaysMin})`, {
      where: file,
      key: "keepDaysMax",
    });
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: settings.zone });
  } catch {
    throw new Fault("bad-settings", `${file}: zone ${settings.zone} is not a known time zone`, { where: file, key: "zone" });
  }
  checkFiles(settings, file);
  return { ...settings, data };
}

function checkFiles(settings: Static<typeof SettingsSchema>, file: string): void {
  const bad = (key: Key, why: string): Fault => new Fault("bad-settings", `${file} or ${environmentName(key)}: ${key} ${why}`, { where: file, key });
  if (settings.publicUrl !== "" && !/^https?:$/.test(URL.parse(settings.publicUrl)?.protocol ?? ""))
    throw bad("publicUrl", "is not an address like https://video.example.cn");
  if ((settings.tlsCertificateFile === "") !== (settings.tlsKeyFile === "")) {
    throw bad(settings.tlsKeyFile === "" ? "tlsKeyFile" : "tlsCertificateFile", "is missing: HTTPS takes a certificate and its key");
  }
  for (const key of ["tlsCertificateFile", "tlsKeyFile"] as const) {
    if (settings[key] === "") continue;
    try {
      accessSync(settings[key], constants.R_OK);
    } catch {
      throw bad(key, `names ${settings[key]}, which cannot be read`);
    }
  }
}

function readFile(file: string): Record<string, unknown> {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Fault("bad-settings", `${file}: ${error instanceof Error ? error.message : String(error)}`, { where: file, key: "" });
  }
}

function fromText(text: string, key: Key): unknown {
  const type = (SettingsSchema.properties[key] as { type?: string }).type;
  if (type === "integer" && /^-?\d{1,9}$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false|1|0)$/.test(text)) return text === "true" || text === "1";
  return text;
}
