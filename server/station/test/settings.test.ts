import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { isFault } from "@mingjian/vocab";
import { checkWritable, dataFolder, environmentName, loadSettings, settingFacts } from "../settings.ts";
import type { Settings } from "../settings.ts";

const REFERENCE = path.join(import.meta.dirname, "../../../docs/reference/settings.md");
const NOWHERE = "/nowhere";
let data = "";

beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), "mingjian-settings-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

function load(file: string | undefined, environment: Record<string, string> = {}): Settings {
  if (file !== undefined) writeFileSync(path.join(data, "mingjian.toml"), file);
  return loadSettings({ MINGJIAN_DATA: data, ...environment }, NOWHERE);
}

function refusal(file: string, environment: Record<string, string> = {}): { readonly key: unknown; readonly message: string } {
  try {
    load(file, environment);
  } catch (error) {
    if (!isFault(error)) throw error;
    assert.equal(error.code, "bad-settings");
    return { key: error.details["key"], message: error.message };
  }
  throw new Error(`accepted: ${file} ${JSON.stringify(environment)}`);
}

test("[H1] the environment prevails over the file, the file over the default", () => {
  const settings = load('port = 9000\nzone = "Asia/Urumqi"\n', { MINGJIAN_PORT: "9001", MINGJIAN_BEHIND_PROXY: "1" });
  assert.equal(settings.port, 9001);
  assert.equal(settings.zone, "Asia/Urumqi");
  assert.equal(settings.behindProxy, true);
  assert.equal(settings.keepDaysMin, 30);
  assert.equal(settings.data, data);
});

test("[H1] an empty variable says nothing; the database's has the name everybody uses", () => {
  assert.equal(load("port = 9000\n", { MINGJIAN_PORT: "" }).port, 9000);
  assert.equal(load(undefined, { DATABASE_URL: "postgres://db/x" }).databaseUrl, "postgres://db/x");
  assert.equal(environmentName("keepDaysMin"), "MINGJIAN_KEEP_DAYS_MIN");
});

test("[H1] without MINGJIAN_DATA the data folder stands beside the program", () => {
  assert.equal(dataFolder({}, "/opt/mingjian"), "/opt/mingjian/data");
});

test("[H2] every number at its limits is taken and one past them is refused, in file and environment", () => {
  for (const { key, environment, minimum, maximum } of settingFacts()) {
    if (minimum === undefined || maximum === undefined) continue;
    // The two periods bound each other: give the other one room.
    const other = key === "keepDaysMin" ? "keepDaysMax = 36500\n" : key === "keepDaysMax" ? "keepDaysMin = 1\n" : "";
    for (const good of [minimum, maximum]) {
      assert.equal(Reflect.get(load(`${other}${key} = ${good}\n`), key), good);
      assert.equal(Reflect.get(load(other, { [environment]: String(good) }), key), good);
    }
    for (const wrong of [minimum - 1, maximum + 1]) {
      assert.equal(refusal(`${other}${key} = ${wrong}\n`).key, key);
      const { key: named, message } = refusal(other, { [environment]: String(wrong) });
      assert.equal(named, key);
      assert.ok(message.includes(environment) && message.includes("mingjian.toml"), message);
    }
  }
});

test("[H2] values of a wrong kind are refused by the name of their key", () => {
  const wrong: Readonly<Record<string, string>> = {
    port: 'port = "many"',
    host: "host = 1",
    zone: 'zone = "Mars/Olympus"',
    logLevel: 'logLevel = "loud"',
    behindProxy: 'behindProxy = "yes"',
    publicUrl: 'publicUrl = "video.example.cn"',
    keepDaysMax: "keepDaysMin = 60\nkeepDaysMax = 59",
    tlsKeyFile: 'tlsCertificateFile = "/etc/hostname"',
    tlsCertificateFile: 'tlsCertificateFile = "/nowhere/cert.pem"\ntlsKeyFile = "/nowhere/key.pem"',
  };
  for (const [key, file] of Object.entries(wrong)) {
    const refused = refusal(`${file}\n`);
    assert.equal(refused.key, key, file);
    assert.ok(refused.message.includes(key), refused.message);
  }
  assert.equal(refusal("", { MINGJIAN_PORT: "80.5" }).key, "port");
  assert.equal(refusal("", { MINGJIAN_BEHIND_PROXY: "maybe" }).key, "behindProxy");
});

test("[H2] an unknown key is named with those that are known", () => {
  const { key, message } = refusal("ports = 1\n");
  assert.equal(key, "ports");
  assert.ok(message.includes("unknown setting ports") && message.includes("keepDaysMin"));
});

test("[H2] a file that is no TOML is named", () => {
  assert.ok(refusal("port = = 1\n").message.includes(path.join(data, "mingjian.toml")));
});

test("[H3] a data folder that cannot be made or written is told with the disk's own word", () => {
  writeFileSync(path.join(data, "a file"), "");
  const folder = path.join(data, "a file", "data");
  for (const make of [() => loadSettings({ MINGJIAN_DATA: folder }, NOWHERE), () => checkWritable(folder)]) {
    assert.throws(make, (error) => isFault(error) && error.code === "disk-failed" && error.message.includes(folder) && error.details["errno"] === "ENOTDIR");
  }
});

test("[H3] the first start writes a file of comments that changes nothing", () => {
  const first = load(undefined);
  const text = readFileSync(path.join(data, "mingjian.toml"), "utf8");
  assert.deepEqual(load(text), first);
  assert.equal(first.port, 8800);
});

test("[H3] with its comment signs taken away the file holds every setting, and each line is taken", () => {
  load(undefined);
  const text = readFileSync(path.join(data, "mingjian.toml"), "utf8");
  const lines = [...text.matchAll(/^# (?=[a-zA-Z]+ = )(.+)$/gm)].map(([, line = ""]) => line);
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0] ?? "").toSorted(),
    settingFacts()
      .map(({ key }) => key)
      .toSorted(),
  );
  const open = load(`${lines.join("\n")}\n`);
  for (const { key, standard } of settingFacts()) {
    if (key !== "publicUrl") assert.equal(Reflect.get(open, key), standard, key);
  }
});

test("the reference page lists every setting with its variable, default and limits", () => {
  const page = readFileSync(REFERENCE, "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| (.+?) \| (.+?) \|/gm)].map(([, ...cells]) => cells);
  const expected = settingFacts().map(({ key, environment, standard, minimum, maximum, oneOf }) => {
    const limits = minimum === undefined ? (oneOf?.map((one) => `\`${one}\``).join(", ") ?? "") : `${minimum} to ${maximum}`;
    return [key, environment, standard === "" ? "empty" : `\`${standard}\``, limits];
  });
  assert.deepEqual(
    rows.map(([key, environment, standard]) => [key, environment, standard]),
    expected.map(([key, environment, standard]) => [key, environment, standard]),
  );
  for (const [at, [key = "", , , limits = ""]] of expected.entries()) if (limits !== "") assert.equal(rows[at]?.[3], limits, key);
});
