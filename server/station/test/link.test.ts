import assert from "node:assert/strict";
import { once } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { LINK_FRAME_BYTES_MAX, Link } from "../link.ts";
import type { LinkMessage } from "../link.ts";

const SEED = 20_261_122;

interface Heard {
  readonly message: LinkMessage;
  readonly bytes: Uint8Array;
}

/** What a link writes, as one piece of bytes. */
async function written(messages: readonly Heard[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const pipe = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const link = new Link(
    pipe,
    () => {},
    () => {},
  );
  for (const { message, bytes } of messages) link.send(message, bytes);
  link.close();
  await once(pipe, "finish");
  return Buffer.concat(chunks);
}

function listening(): { pipe: PassThrough; heard: Heard[]; ended: Promise<Error | undefined> } {
  const pipe = new PassThrough({ highWaterMark: 1 << 26 });
  const heard: Heard[] = [];
  const ended = new Promise<Error | undefined>((resolve) => {
    new Link(pipe, (message, bytes) => heard.push({ message, bytes: Uint8Array.from(bytes) }), resolve);
  });
  return { pipe, heard, ended };
}

function frame(length: number, jsonLength: number, rest: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(length, 0);
  head.writeUInt32BE(jsonLength, 4);
  return Buffer.concat([head, Buffer.from(rest)]);
}

const PLAIN = { noNullPrototype: true } as const;
const heardArbitrary = fc.record(
  {
    message: fc.record({ t: fc.string({ maxLength: 8 }), stream: fc.string({ unit: "grapheme", maxLength: 12 }) }, PLAIN),
    bytes: fc.uint8Array({ maxLength: 300 }),
  },
  PLAIN,
);

test("[H4] messages arrive whole and in order wherever the pipe cuts them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(heardArbitrary, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      async (messages, sizes) => {
        const bytes = await written(messages);
        const { pipe, heard, ended } = listening();
        for (let from = 0, turn = 0; from < bytes.length; turn++) {
          const to = Math.min(bytes.length, from + (sizes[turn % sizes.length] ?? 1));
          pipe.write(bytes.subarray(from, to));
          from = to;
        }
        pipe.end();
        const error = await ended;
        assert.equal(error, undefined);
        assert.deepEqual(heard, messages);
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

test("[H4] many messages in one piece arrive as many", async () => {
  const messages = Array.from({ length: 500 }, (_, n) => ({
    message: { t: "entry", seq: n },
    bytes: new Uint8Array(n % 7),
  }));
  const { pipe, heard, ended } = listening();
  pipe.end(await written(messages));
  await ended;
  assert.deepEqual(heard, messages);
});

for (const [name, bytes] of [
  ["longer than the limit", frame(LINK_FRAME_BYTES_MAX + 1, 2, "{}")],
  ["shorter than its own head", frame(3, 2, "{}")],
  ["whose words are longer than itself", frame(8, 5, "{}  {}")],
  ["whose words are no JSON", frame(7, 3, "{a}")],
  ["without words", frame(4, 0, "")],
] as const) {
  test(`[H5] a frame ${name} ends the link`, async () => {
    const { pipe, heard, ended } = listening();
    pipe.write(bytes);
    assert.ok((await ended) instanceof Error);
    assert.ok(pipe.destroyed);
    assert.deepEqual(heard, []);
  });
}

test("[H5] a frame of the limit is waited for", async () => {
  const { pipe, heard } = listening();
  pipe.write(frame(LINK_FRAME_BYTES_MAX, 2, "{}"));
  pipe.write(Buffer.alloc(10));
  await new Promise(setImmediate);
  assert.ok(!pipe.destroyed);
  assert.deepEqual(heard, []);
  pipe.destroy();
});

test("[H5] bytes of chance end the link or wait for more; they never throw", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
      const { pipe, ended } = listening();
      pipe.end(Buffer.from(bytes));
      await ended;
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test("a link that is closed takes no more words and does not complain", async () => {
  const pipe = new PassThrough();
  const link = new Link(
    pipe,
    () => {},
    () => {},
  );
  pipe.destroy();
  await once(pipe, "close");
  link.send({ t: "apply" });
  assert.equal(link.waitingBytes, 0);
});
