import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import { test } from "node:test";
import { cameraCommand } from "../commands/camera.ts";
import { doctorCommand } from "../commands/doctor.ts";
import { fsckCommand } from "../commands/fsck.ts";
import type { Io } from "../commands/io.ts";
import { table } from "../commands/io.ts";
import { lawCommand } from "../commands/law.ts";
import { playCommand } from "../commands/play.ts";
import { startCommand } from "../commands/start.ts";
import { userCommand } from "../commands/user.ts";

const REFERENCE = path.join(import.meta.dirname, "../../../docs/reference/commands.md");
const COMMANDS = {
  start: startCommand,
  camera: cameraCommand,
  play: playCommand,
  fsck: fsckCommand,
  user: userCommand,
  doctor: doctorCommand,
  law: lawCommand,
};

function io(): { readonly io: Io; readonly said: () => string } {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      say(chunk.toString("utf8"));
      done();
    },
  });
  return {
    io: { stdin: process.stdin, stdout: stream, stderr: stream, out: say, err: say, environment: {} },
    said: () => said.join(""),
  };
}

for (const [name, command] of Object.entries(COMMANDS)) {
  test(`mingjian ${name} --help is what the reference page says`, async () => {
    const { io: mouth, said } = io();
    assert.equal(await command(["--help"], mouth), 0);
    const help = said().trim();
    assert.ok(help.startsWith("mingjian "), help);
    assert.ok(readFileSync(REFERENCE, "utf8").includes(`\`\`\`\n${help}\n\`\`\``), `docs/reference/commands.md lacks:\n${help}`);
  });
}

test("a command with missing options tells its use and ends with 2", async () => {
  for (const [command, args] of [
    [cameraCommand, []],
    [cameraCommand, ["paint"]],
    [playCommand, ["--camera", "gate"]],
    [userCommand, []],
    [userCommand, ["add"]],
  ] as const) {
    const { io: mouth, said } = io();
    assert.equal(await command([...args], mouth), 2);
    assert.ok(said().includes("mingjian "));
  }
});

test("columns of a table stand in line also under Chinese words", () => {
  assert.equal(
    table(
      ["名称 name", "x"],
      [
        ["门", "1"],
        ["gate", "2"],
      ],
    ),
    "名称 name  x\n---------  -\n门         1\ngate       2\n",
  );
});
