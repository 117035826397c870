import assert from "node:assert/strict";
import { test } from "node:test";
import type { Grant, GrantRequest } from "@mingjian/contract";
import { GrantKeeper } from "../src/access/grant-keeper.ts";
import { codecText, bytesText, lengthText, percentText } from "../src/app/format.ts";
import { SHORTCUTS, shortcutFor } from "../src/app/shortcuts.ts";
import { EMPTY_WALL, cleared, filled, parseLayout, placed, resized, streamFor } from "../src/wall/layout.ts";
import { tourPage } from "../src/wall/tour.ts";

test("layout: a camera goes into its tile, the next empty tile is chosen", () => {
  const one = placed(EMPTY_WALL, 0, "a");
  assert.deepEqual(one, { size: 4, tiles: ["a", null, null, null], chosen: 1 });
  assert.deepEqual(placed(one, 9, "b"), one);
});

test("layout: a camera that is shown already changes places", () => {
  assert.deepEqual(placed(filled(4, ["a", "b"]), 1, "a").tiles, ["b", "a", null, null]);
});

test("layout: fewer tiles keep as many cameras as fit, more tiles lose none", () => {
  const nine = filled(9, ["a", "b", "c", "d", "e"]);
  assert.deepEqual(resized(nine, 4).tiles, ["a", "b", "c", "d"]);
  assert.deepEqual(resized({ size: 4, tiles: [null, null, null, "d"], chosen: 3 }, 1), {
    size: 1,
    tiles: ["d"],
    chosen: 0,
  });
  assert.deepEqual(resized(nine, 16).tiles.slice(0, 6), ["a", "b", "c", "d", "e", null]);
  assert.deepEqual(cleared(nine, 1).tiles.slice(0, 3), ["a", null, "c"]);
});

test("layout: what a browser kept is read with care", () => {
  const known = new Set(["a", "b"]);
  assert.deepEqual(parseLayout('{"size":4,"tiles":["a","gone",7,"b"]}', known), {
    size: 4,
    tiles: ["a", null, null, "b"],
    chosen: 1,
  });
  for (const odd of [null, "", "{", "[]", '{"size":5,"tiles":[]}', '{"size":4,"tiles":"a"}', "null"]) assert.equal(parseLayout(odd, known), undefined);
});

test("layout: the sub-stream from four tiles on, the main one when large, the one that can be shown when one cannot", () => {
  assert.equal(streamFor(1, false, true, false), "main");
  assert.equal(streamFor(4, false, true, false), "sub");
  assert.equal(streamFor(4, true, true, false), "main");
  assert.equal(streamFor(16, false, false, false), "main");
  assert.equal(streamFor(1, false, true, true), "sub");
});

test("tour: every camera has its turn, pages are full, a small set stands still", () => {
  const five = ["a", "b", "c", "d", "e"];
  assert.deepEqual(tourPage(five, 4, 0), ["a", "b", "c", "d"]);
  assert.deepEqual(tourPage(five, 4, 1), ["e", "a", "b", "c"]);
  assert.deepEqual(tourPage(five, 4, 2), ["a", "b", "c", "d"]);
  assert.deepEqual(tourPage(["a"], 4, 7), ["a", null, null, null]);
  assert.deepEqual(tourPage([], 1, 3), [null]);
});

const press = (key: string, extra: Partial<Parameters<typeof shortcutFor>[0]> = {}) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...extra,
});

test("shortcuts: keys mean what the sheet says, modifiers leave them to the browser", () => {
  assert.equal(shortcutFor(press(","), "playback"), "frameBack");
  assert.equal(shortcutFor(press("F"), "wall"), "fullScreen");
  assert.equal(shortcutFor(press("ArrowLeft", { shiftKey: true }), "playback"), "back60");
  assert.equal(shortcutFor(press("{", { shiftKey: true }), "playback"), "previousRecorded");
  assert.equal(shortcutFor(press("?", { shiftKey: true }), "everywhere"), "sheet");
  assert.equal(shortcutFor(press("f", { ctrlKey: true }), "wall"), undefined);
  assert.equal(shortcutFor(press(","), "wall"), undefined);
});

test("shortcuts: no key means two things in one place", () => {
  for (const place of ["everywhere", "wall", "playback"]) {
    const keys = SHORTCUTS.filter((one) => one.place === place || one.place === "everywhere").flatMap((one) => [...one.keys] as string[]);
    assert.equal(new Set(keys).size, keys.length);
  }
});

test("format: amounts for people; a day with a gap is never 100 %", () => {
  assert.equal(percentText(0.99999), "99.9 %");
  assert.equal(percentText(1), "100.0 %");
  assert.equal(bytesText(1_500_000_000), "1.5 GB");
  assert.equal(bytesText(12), "12 B");
  assert.equal(lengthText(3_723_000), "1:02:03");
  assert.equal(lengthText(63_000), "01:03");
  assert.equal(codecText("h265"), "H.265");
});

function desk(answer?: (request: GrantRequest) => Partial<Grant> | Error) {
  const requests: GrantRequest[] = [];
  const state = { nowMs: 0, run: (): void => undefined };
  const keeper = new GrantKeeper({
    nowMs: () => state.nowMs,
    soon: (run) => (state.run = run),
    request: async (request) => {
      requests.push(request);
      const made = answer?.(request);
      if (made instanceof Error) throw made;
      return {
        id: `g${requests.length}`,
        user: "u",
        userName: "u",
        cameras: request.cameras,
        live: request.live,
        from: request.from ?? null,
        to: request.to ?? null,
        actions: request.actions,
        purpose: request.purpose,
        basis: "role:duty",
        issuedAt: new Date(0).toISOString(),
        expiresAt: new Date(3_600_000).toISOString(),
        revokedAt: null,
        ...made,
      };
    },
  });
  return { keeper, requests, state };
}

test("grants: tiles that open together ask once; the grant is used until it nears its expiry", async () => {
  const { keeper, requests, state } = desk();
  const asked = Promise.all([keeper.live("a", "duty"), keeper.live("b", "duty"), keeper.live("a", "duty")]);
  state.run();
  assert.deepEqual(await asked, ["g1", "g1", "g1"]);
  assert.deepEqual(requests[0]?.cameras, ["a", "b"]);
  assert.equal(await keeper.live("b", "duty"), "g1");
  state.nowMs = 3_600_000 - 60_000;
  const late = keeper.live("b", "duty");
  state.run();
  assert.equal(await late, "g2");
});

test("grants: one camera that is refused does not darken the others", async () => {
  const { keeper, state } = desk((request) => (request.cameras.includes("secret") ? new Error("not-allowed") : {}));
  const good = keeper.live("a", "duty");
  const bad = keeper.live("secret", "duty");
  state.run();
  await assert.rejects(bad, /not-allowed/);
  assert.equal(await good, "g2");
});

test("grants: playback asks for a span, shares a request under way, and asks anew outside it or once dropped", async () => {
  const { keeper, requests } = desk();
  const both = await Promise.all([
    keeper.playback(["a", "b"], { from: 0, to: 100_000 }, "check"),
    keeper.playback(["a", "b"], { from: 0, to: 100_000 }, "check"),
  ]);
  assert.deepEqual(both, ["g1", "g1"]);
  assert.equal(await keeper.playback(["a"], { from: 10, to: 90 }, "check"), "g1");
  assert.equal(await keeper.playback(["a"], { from: 10, to: 100_001 }, "check"), "g2");
  assert.equal(await keeper.playback(["a"], { from: 10, to: 90 }, "another purpose"), "g3");
  keeper.drop("g1");
  keeper.forget("a", false);
  assert.equal(await keeper.playback(["b"], { from: 10, to: 90 }, "check"), "g4");
  assert.equal(requests.length, 4);
});
