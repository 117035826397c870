import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamId } from "@mingjian/vocab";
import type { Found, TimelineReader } from "../../timeline/index.ts";
import { createFootageIndex } from "../footage-index.ts";
import type { OpenPiece } from "../recorder-messages.ts";

const GATE = "gate.main" as StreamId;
const SEGMENT = { stream: GATE, seq: 1, startMs: 1_000, endMs: 2_000, file: "gate/a.mp4", bytes: 10, digest: "00" };

function index(found: Found, open: readonly OpenPiece[] = []): ReturnType<typeof createFootageIndex> {
  const reader = { find: async () => found } as unknown as TimelineReader;
  return createFootageIndex(reader, "/footage", () => open);
}

function piece(fromMs: number, toMs: number, file = "gate/open.mp4"): OpenPiece {
  return { stream: GATE, file, fromMs, toMs, bytes: 20 };
}

test("[H7] what the index knows is served from the index, also when a newer piece is open", async () => {
  const { piece: found } = await index({ kind: "in", segment: SEGMENT, untilMs: SEGMENT.endMs }, [piece(2_000, 3_000)]).next(GATE, 1_500);
  assert.deepEqual(found, { file: "/footage/gate/a.mp4", from: 1_000, to: 2_000, bytes: 10 });
});

test("[H7] after the index comes the minute being written, marked as growing", async () => {
  const { piece: found } = await index({ kind: "none", gap: undefined }, [piece(2_000, 3_000)]).next(GATE, 2_500);
  assert.deepEqual(found, { file: "/footage/gate/open.mp4", from: 2_000, to: 3_000, bytes: 20, open: true });
});

test("[H7] a piece just finished comes before the one that followed it", async () => {
  const pieces = [piece(2_000, 3_000, "gate/b.mp4"), piece(3_000, 3_500, "gate/c.mp4")];
  const doors = index({ kind: "none", gap: undefined }, pieces);
  assert.equal((await doors.next(GATE, 2_999)).piece?.file, "/footage/gate/b.mp4");
  assert.equal((await doors.next(GATE, 3_000)).piece?.file, "/footage/gate/c.mp4");
  assert.equal((await doors.next(GATE, 3_500)).piece, undefined);
});

test("[H7] an open piece that lies before the next indexed one is not skipped", async () => {
  const later = { ...SEGMENT, startMs: 9_000, endMs: 10_000 };
  const { piece: found } = await index({ kind: "next", segment: later, untilMs: later.endMs, gap: undefined }, [piece(2_000, 3_000)]).next(GATE, 1_000);
  assert.equal(found?.from, 2_000);
});

test("[H7] a known gap before the piece is told with its cause", async () => {
  const gap = { stream: GATE, startMs: 500, endMs: 1_000, cause: "our-restart" };
  const answer = await index({ kind: "next", segment: SEGMENT, untilMs: SEGMENT.endMs, gap }).next(GATE, 600);
  assert.deepEqual(answer.gaps, [{ from: 500, to: 1_000, cause: "our-restart" }]);
  assert.equal(answer.piece?.from, 1_000);
});

test("[H7] after our clock was set back the newer era is served: the minute being written, and indexed footage until it", async () => {
  const found = { kind: "in", segment: SEGMENT, untilMs: SEGMENT.endMs } as const;
  const doors = index(found, [piece(1_400, 1_600)]);
  assert.equal((await doors.next(GATE, 1_500)).piece?.file, "/footage/gate/open.mp4");
  assert.deepEqual((await doors.next(GATE, 1_200)).piece, { file: "/footage/gate/a.mp4", from: 1_000, to: 2_000, bytes: 10, until: 1_400 });
  assert.equal((await doors.next(GATE, 1_700)).piece?.until, undefined);
  assert.equal((await index({ ...found, untilMs: 1_300 }).next(GATE, 1_200)).piece?.until, 1_300);
  // The same file, indexed and still told by the recorder, is one piece.
  assert.equal((await index(found, [piece(1_000, 2_000, "gate/a.mp4")]).next(GATE, 1_200)).piece?.until, undefined);
});

test("nothing at or after the instant is no piece", async () => {
  assert.deepEqual(await index({ kind: "none", gap: undefined }).next(GATE, 5), { piece: undefined, gaps: [] });
});
