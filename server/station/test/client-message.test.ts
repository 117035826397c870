import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isOwnOrigin } from "../http/guard.ts";
import { clientAddress, readClientMessage } from "../http/media-sockets.ts";

const SEED = 20_261_122;

test("the contract's messages are read, and nothing else of them is kept", () => {
  assert.deepEqual(readClientMessage('{"type":"pause","more":1}'), { type: "pause" });
  assert.deepEqual(readClientMessage('{"type":"resume"}'), { type: "resume" });
  assert.deepEqual(readClientMessage('{"type":"position","utcMs":1.5}'), { type: "position", utcMs: 1.5 });
});

test("anything else is no message", () => {
  for (const text of [
    "",
    "null",
    "[]",
    "7",
    '"pause"',
    "{",
    "{}",
    '{"type":"Pause"}',
    '{"type":"position"}',
    '{"type":"position","utcMs":"1"}',
    '{"type":"position","utcMs":1e999}',
    '{"type":"position","utcMs":null}',
  ]) {
    assert.equal(readClientMessage(text), undefined, text);
  }
});

test("no text makes the reader throw, and what it gives is of the contract", () => {
  const near = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ type: fc.constantFrom("pause", "resume", "position", "end", 1, null), utcMs: fc.anything() }).map((value) => JSON.stringify(value) ?? ""),
  );
  fc.assert(
    fc.property(near, (text) => {
      const message = readClientMessage(text);
      if (message === undefined) return;
      assert.ok(["pause", "resume", "position"].includes(message.type));
      if (message.type === "position") assert.ok(Number.isFinite(message.utcMs));
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

test("[H15] only pages of this host or of the public address count as ours", () => {
  const hosts = ["10.0.0.2:8800", "video.example.cn"];
  for (const origin of [undefined, "http://10.0.0.2:8800", "https://video.example.cn"]) assert.ok(isOwnOrigin(origin, hosts), origin);
  for (const origin of ["null", "", "http://10.0.0.2", "https://video.example.cn.evil.org", "file://", "data:text/html,x", "https://evil.org"]) {
    assert.ok(!isOwnOrigin(origin, [...hosts, undefined]), origin);
  }
});

test("behind a proxy the client's address is the one the proxy wrote, not the one the client sent", () => {
  const request = {
    headers: { "x-forwarded-for": "1.2.3.4, 10.9.8.7" },
    socket: { remoteAddress: "127.0.0.1" },
  } as never;
  assert.equal(clientAddress(request, true), "10.9.8.7");
  assert.equal(clientAddress(request, false), "127.0.0.1");
  assert.equal(clientAddress({ headers: {}, socket: { remoteAddress: "10.0.0.1" } } as never, true), "10.0.0.1");
});
