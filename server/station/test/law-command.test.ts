import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { QUESTION_BYTES_MAX } from "@mingjian/law";
import { lineBatches } from "../commands/law/io.ts";
import { lawCommand } from "../commands/law.ts";

const PACKS = fileURLToPath(new URL("../../../packages/law/packs/", import.meta.url));
const QUESTION = {
  id: "q",
  pack: "yunnan-2016",
  kind: "place",
  input: { date: "2025-05-01", place: "hotel", builder: "unit" },
};

/** Keeps what is written; `slow` takes it only on a later turn, as a pipe with a slow reader would. */
class Sink extends Writable {
  text = "";
  mostWaiting = 0;
  readonly #slow: boolean;

  constructor(slow = false) {
    super({ highWaterMark: slow ? 1024 : 1 << 20, decodeStrings: false });
    this.#slow = slow;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.mostWaiting = Math.max(this.mostWaiting, this.writableLength);
    this.text += chunk;
    if (this.#slow) setImmediate(done);
    else done();
  }
}

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks;
}

async function law(args: string[], ...stdin: (string | Uint8Array)[]): Promise<{ status: number; out: string; err: string }> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const status = await lawCommand(args, { stdin: chunksOf(...stdin), stdout, stderr });
  return { status, out: stdout.text, err: stderr.text };
}

const line = (change: object = {}): string => `${JSON.stringify({ ...QUESTION, ...change })}\n`;
const objects = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split("\n")
    .map((one) => JSON.parse(one) as Record<string, unknown>);
const errorOf = (answer: Record<string, unknown> | undefined) => answer?.["error"] as { code: string; path: string } | undefined;

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "mingjian-law-"));
});
after(() => rm(folder, { recursive: true }));

describe("law ask", () => {
  test("answers each line in order and goes on after an error", async () => {
    const { status, out } = await law(["ask", "--ndjson"], line({ id: 1 }), line({ id: 2, pack: "atlantis" }), "nonsense\n", line({ id: 3 }));
    assert.equal(status, 1);
    const answers = objects(out);
    assert.deepEqual(
      answers.map((answer) => answer["id"]),
      [1, 2, null, 3],
    );
    assert.equal(answers[0]?.["verdict"], "mandatory");
    assert.equal(errorOf(answers[1])?.code, "unknown-pack");
    assert.equal(errorOf(answers[2])?.code, "bad-json");
  });

  test("status 0 without an error; blank lines, byte order mark and a missing last newline are no errors", async () => {
    const { status, out } = await law(["ask", "--ndjson"], `\uFEFF${line({ id: "年" })}\n\r\n`, line({ id: "b" }).trimEnd());
    assert.equal(status, 0);
    assert.deepEqual(
      objects(out).map((answer) => answer["id"]),
      ["年", "b"],
    );
  });

  test("split anywhere, the lines stay the same", async () => {
    const bytes = Buffer.from(line({ id: "甲" }) + line({ id: "乙", pack: "云南" }) + line({ id: "丙" }));
    const whole = (await law(["ask"], bytes)).out;
    for (let at = 0; at <= bytes.length; at++) assert.equal((await law(["ask"], bytes.subarray(0, at), bytes.subarray(at))).out, whole);
    assert.equal((await law(["ask"], ...[...bytes].map((byte) => Uint8Array.of(byte)))).out, whole);
  });

  test("reads a file, a question on the command line, and says when it cannot", async () => {
    const file = join(folder, "questions.ndjson");
    await writeFile(file, line() + line());
    assert.equal(objects((await law(["ask", "--ndjson", file])).out).length, 2);
    assert.equal(objects((await law(["ask", line()])).out).length, 1);
    const gone = await law(["ask", join(folder, "gone")]);
    assert.equal(gone.status, 2);
    assert.match(gone.err, /读不到 .* \/ cannot read/u);
  });

  test("a line of 1 MiB is answered, a longer one refused without being kept, and the next is answered", async () => {
    const fits = line().trimEnd().padEnd(QUESTION_BYTES_MAX, " ");
    const { out, status } = await law(["ask"], `${fits}\n`, " ".repeat(600_000), " ".repeat(600_000), "x\n", line());
    assert.equal(status, 1);
    assert.deepEqual(
      objects(out).map((answer) => errorOf(answer)?.code),
      [undefined, "too-large", undefined],
    );
  });

  test("a slow reader holds the run back instead of filling memory", async () => {
    const stdout = new Sink(true);
    const batch = line().repeat(100);
    const status = await lawCommand(["ask"], {
      stdin: chunksOf(...Array<string>(50).fill(batch)),
      stdout,
      stderr: new Sink(),
    });
    assert.equal(status, 0);
    const bytesAChunk = stdout.text.length / 50;
    assert.ok(stdout.mostWaiting <= bytesAChunk * 1.01, `${stdout.mostWaiting} waiting, ${bytesAChunk} a chunk`);
  });

  test("a reader that goes away ends the run quietly", async () => {
    const stdout = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    const status = await lawCommand(["ask"], { stdin: chunksOf(line(), line(), line()), stdout, stderr: new Sink() });
    assert.equal(status, 0);
  });
});

describe("lines of a byte stream", () => {
  const lines = async (bytesMax: number, ...chunks: string[]): Promise<(string | null)[]> => {
    const all: (string | null)[] = [];
    for await (const batch of lineBatches(chunksOf(...chunks), bytesMax)) all.push(...batch);
    return all;
  };

  test("a line at the limit, one past it, and one past it at the very end", async () => {
    assert.deepEqual(await lines(4, "abcd\nabcde\nab\n"), ["abcd", null, "ab"]);
    assert.deepEqual(await lines(4, "ab", "cd", "\nabc", "d", "e\n", "x"), ["abcd", null, "x"]);
    assert.deepEqual(await lines(4, "abc", "de"), [null]);
    assert.deepEqual(await lines(4, "abcd"), ["abcd"]);
    assert.deepEqual(await lines(4, ""), []);
  });
});

describe("law compare, explain, show, diff, packs", () => {
  test("compare shows both texts and the rule that joins them", async () => {
    const question = line({
      kind: "retention",
      input: { date: "2025-05-01", class: "ordinary", recordedOn: "2025-05-01" },
    });
    const { status, out } = await law(["compare"], question, line({ pack: "national-2025" }));
    assert.equal(status, 1);
    const [compared, superior] = objects(out);
    assert.equal((compared?.["combined"] as { rule: { id: string } } | undefined)?.rule.id, "longer-retention");
    assert.equal((superior?.["error"] as { path: string } | undefined)?.path, "/pack");
  });

  test("explain tells the rule that decided, for people and for programs", async () => {
    const people = await law(["explain", line()]);
    assert.equal(people.status, 0);
    assert.match(people.out, /→ place-residential \[7\(7\)\]/u);
    const [object] = objects((await law(["explain", "--ndjson"], line())).out);
    assert.ok(Array.isArray(object?.["steps"]));
    assert.equal((await law(["explain", line({ pack: "atlantis" })])).status, 1);
  });

  test("show finds the rules of an article and refuses one the text does not have", async () => {
    const shown = await law(["show", "22(6)", "--pack", "yunnan-2016"]);
    assert.equal(shown.status, 0);
    assert.match(shown.out, /retention retention-general \[22\(6\)\]/u);
    assert.equal((await law(["show", "1", "--pack", "yunnan-2016"])).status, 1);
    assert.match((await law(["show", "99", "--pack", "yunnan-2016"])).err, /has no article 99/u);
    assert.equal((await law(["show", "1"])).status, 2);
    assert.equal((await law(["show", "1", "--pack", "atlantis"])).status, 2);
  });

  test("diff is a table, or one object a line", async () => {
    const table = await law(["diff", "yunnan-2016", "guangdong-2009"]);
    assert.match(table.out, /^yunnan-2016 .* ↔ guangdong-2009 【草案 \/ draft】.* · 2016-10-01\n\n\| \| \| yunnan-2016 \| guangdong-2009 \|\n\|---\|/u);
    assert.equal(objects((await law(["diff", "yunnan-2016", "lhasa-2024", "--json"])).out)[0]?.["kind"], "place");
    assert.equal((await law(["diff", "yunnan-2016", "lhasa-2024", "--date", "soon"])).status, 2);
    assert.equal((await law(["diff", "yunnan-2016"])).status, 2);
  });

  test("packs lists six, the draft marked", async () => {
    const { out } = await law(["packs"]);
    assert.equal(out.trim().split("\n").length, 6);
    assert.match(out, /guangdong-2009 【草案 \/ draft】/u);
  });

  test("wrong use is told with status 2", async () => {
    for (const args of [[], ["judge"], ["ask", "--colour"], ["sign", folder]]) assert.equal((await law(args)).status, 2, args.join(" "));
    assert.match((await law(["--help"])).out, /mingjian law COMMAND/u);
  });
});

describe("law lint and law new", () => {
  test("the built-in packs are sound", async () => {
    const { status, out } = await law(["lint"]);
    assert.equal(status, 0, out);
    assert.equal(out.trim().split("\n").length, 6);
  });

  test("a new pack is sound from the start and is not overwritten", async () => {
    assert.equal((await law(["new", "hunan-2030", "--from", "2030-01-01", "--into", folder])).status, 0);
    assert.equal((await law(["lint", join(folder, "hunan-2030")])).status, 0);
    assert.equal((await law(["new", "hunan-2030", "--into", folder])).status, 2);
    assert.equal((await law(["new", "Hunan", "--into", folder])).status, 2);
    assert.equal((await law(["new", "hubei-2030", "--from", "2030", "--into", folder])).status, 2);
  });

  test("an unsound pack is told by file, line and remedy", async () => {
    const broken = join(folder, "broken");
    await cp(join(PACKS, "yunnan-2016"), broken, { recursive: true });
    const data = await readFile(join(broken, "pack.json"), "utf8");
    await writeFile(join(broken, "pack.json"), data.replace('"7(5)"', '"7(14)"'));
    await rm(join(broken, "SOURCES.md"));
    const { status, out } = await law(["lint", broken]);
    assert.equal(status, 1);
    const lineNumber = data.split("\n").findIndex((text) => text.includes('"7(5)"')) + 1;
    assert.ok(out.includes(`pack.json:${lineNumber} /place/8/articles/0: 本文没有第 7(14) 条（项） / the text has no article 7(14); `), out);
    assert.ok(out.includes("SOURCES.md:1 /:"));
  });

  test("a case the pack answers otherwise is told by its line", async () => {
    const wrong = join(folder, "wrong");
    await cp(join(PACKS, "yunnan-2016"), wrong, { recursive: true });
    await writeFile(
      join(wrong, "cases.ndjson"),
      line({ expect: { verdict: "mandatory" } }) + line({ expect: { verdict: "permitted" } }) + line() + line({ kind: "x", expect: {} }),
    );
    const { status, out } = await law(["lint", wrong]);
    assert.equal(status, 1);
    assert.deepEqual(
      [...out.matchAll(/cases\.ndjson:(\d+)/gu)].map((match) => match[1]),
      ["2", "3", "4"],
    );
  });
});

describe("packs from outside", () => {
  const keys = generateKeyPairSync("ed25519");
  const question = line({ pack: "yunnan-copy" });
  let outside = "";
  let publicKey = "";
  let privateKey = "";

  before(async () => {
    outside = join(folder, "yunnan-copy");
    publicKey = join(folder, "key.pub");
    privateKey = join(folder, "key.pem");
    await cp(join(PACKS, "yunnan-2016"), outside, { recursive: true });
    const data = await readFile(join(outside, "pack.json"), "utf8");
    await writeFile(join(outside, "pack.json"), data.replace('"id": "yunnan-2016"', '"id": "yunnan-copy"'));
    await writeFile(publicKey, keys.publicKey.export({ type: "spki", format: "pem" }));
    await writeFile(privateKey, keys.privateKey.export({ type: "pkcs8", format: "pem" }));
  });

  test("an unsigned pack answers, and every answer and the error stream say so", async () => {
    const { status, out, err } = await law(["ask", "--pack-path", outside], question, line());
    assert.equal(status, 0);
    assert.deepEqual(
      objects(out).map((answer) => [answer["verdict"], answer["unsigned"]]),
      [
        ["mandatory", true],
        ["mandatory", undefined],
      ],
    );
    assert.match(err, /未签名 \/ unsigned/u);
  });

  test("a key without a signature refuses the pack", async () => {
    const { status, err } = await law(["ask", "--pack-path", outside, "--pack-key", publicKey], question);
    assert.equal(status, 2);
    assert.match(err, /has no pack\.sig/u);
  });

  test("a signed pack answers unmarked; any change, another key or a broken signature refuses it", async () => {
    assert.equal((await law(["sign", outside, "--private-key", privateKey])).status, 0);
    const args = ["ask", "--pack-path", outside, "--pack-key", publicKey];
    const signed = await law(args, question);
    assert.equal(signed.status, 0);
    assert.equal(objects(signed.out)[0]?.["unsigned"], undefined);
    assert.equal(signed.err, "");
    assert.equal(objects((await law(["ask", "--pack-path", outside], question)).out)[0]?.["unsigned"], true);

    const other = join(folder, "other.pub");
    await writeFile(other, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
    assert.equal((await law(["ask", "--pack-path", outside, "--pack-key", other], question)).status, 2);

    const sources = await readFile(join(outside, "SOURCES.md"));
    await writeFile(join(outside, "SOURCES.md"), `${sources.toString()} `);
    assert.equal((await law(args, question)).status, 2);
    await writeFile(join(outside, "SOURCES.md"), sources);
    assert.equal((await law(args, question)).status, 0);
    await writeFile(join(outside, "added.txt"), "");
    assert.equal((await law(args, question)).status, 2);
    await rm(join(outside, "added.txt"));
    await writeFile(join(outside, "pack.sig"), "AAAA\n");
    assert.equal((await law(args, question)).status, 2);
    await rm(join(outside, "pack.sig"));
  });

  test("keys that are no Ed25519 keys, folders that are none, and built-in ids are refused", async () => {
    const rsa = join(folder, "rsa.pub");
    await writeFile(rsa, generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }));
    assert.match((await law(["packs", "--pack-path", outside, "--pack-key", rsa])).err, /not an Ed25519 public key/u);
    assert.equal((await law(["packs", "--pack-path", join(folder, "nowhere")])).status, 2);
    assert.match((await law(["packs", "--pack-path", join(PACKS, "yunnan-2016")])).err, /is the id of a built-in pack/u);
    assert.match((await law(["packs", "--pack-path", outside, "--pack-path", outside])).err, /given twice/u);
    assert.equal((await law(["sign", outside, "--private-key", publicKey])).status, 2);
  });
});
