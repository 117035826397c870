import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseAacConfig } from "../src/aac/config.ts";
import { AAC_UNITS_MAX, AacDepacketiser } from "../src/aac/depacketiser.ts";
import { G711Depacketiser } from "../src/g711/depacketiser.ts";
import { parseH264PpsId, parseH264Sps } from "../src/h264/sps.ts";
import { H265Depacketiser } from "../src/h265/depacketiser.ts";
import { H265ParameterSets } from "../src/h265/parameter-sets.ts";
import { parseH265SetId, parseH265Sps } from "../src/h265/sps.ts";
import { PARAMETER_SET_BYTES_MAX, PARAMETER_SETS_MAX, SetTable } from "../src/nal/parameter-sets.ts";
import { planStream } from "../src/rtp/track-plan.ts";
import { parseSdp } from "../src/sdp/sdp.ts";
import { base64Decode, base64Encode, hexDecode, latin1Text, utf8Bytes } from "../src/text.ts";
import { KeepingTrack, readTestdata, TESTDATA } from "./harness.ts";
import { fu265, join, SPS_120, SPS_720 } from "./rtp-builder.ts";
import { parseTranscript } from "./transcript.ts";

const SDP_265 = latin1Text(
  join(
    ...parseTranscript(readTestdata("gstreamer-h265-aac.rtsp"))
      .lines.filter((line) => line.kind === "bytes" && line.bytes[0] !== 0x24)
      .map((line) => (line.kind === "bytes" ? line.bytes : new Uint8Array(0))),
  ),
);
const sprop = (name: string): Uint8Array => base64Decode(new RegExp(`sprop-${name}=([^;\\r]+)`).exec(SDP_265)?.[1] ?? "") ?? new Uint8Array(0);

test("[M31] sizes after cropping", () => {
  assert.deepEqual(parseH264Sps(SPS_720), { id: 0, profile: 77, level: 31, width: 1280, height: 720, codecString: "avc1.4d001f" });
  const small = parseH264Sps(SPS_120);
  assert.deepEqual([small?.width, small?.height], [160, 120]);
  // 1920x1080 in macroblocks of 16 is 1088 lines: 8 are cropped.
  const full = parseH264Sps(Uint8Array.from(Buffer.from("Z2QAKKzZQHgCJ+WagICAoAAAAwAgAAAGQeMGMsA=", "base64")));
  assert.deepEqual([full?.width, full?.height, full?.codecString], [1920, 1080, "avc1.640028"]);
  const hevc = parseH265Sps(sprop("sps"));
  assert.deepEqual([hevc?.width, hevc?.height], [160, 120]);
  assert.equal(parseH265SetId(sprop("vps")), 0);
  assert.equal(parseH265SetId(sprop("pps")), 0);
});

test("[M31] garbage gives nothing, and never throws", () => {
  const flip = fc.array(fc.tuple(fc.nat(63), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
  const headed = fc.tuple(fc.constantFrom(0x67, 0x68, 0x42, 0x40, 0x44), fc.uint8Array({ maxLength: 80 }));
  const check = (nal: Uint8Array): void => {
    for (const sps of [parseH264Sps(nal), parseH265Sps(nal)]) {
      if (sps !== undefined) assert.ok(sps.width >= 8 && sps.width <= 16_384 && sps.height >= 8 && sps.height <= 16_384);
    }
    parseH264PpsId(nal);
    parseH265SetId(nal);
  };
  fc.assert(
    fc.property(headed, ([first, rest]) => check(join(Uint8Array.of(first), rest))),
    { seed: 28181, numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.constantFrom(SPS_120, SPS_720, sprop("sps")), flip, (sps, changes) => {
      const nal = sps.slice();
      for (const [at, value] of changes) if (at > 0 && at < nal.length) nal[at] = value;
      check(nal);
    }),
    { seed: 28181, numRuns: 3000 },
  );
});

test("[M10] parameter sets up to their limits", () => {
  const table = new SetTable();
  for (let id = 0; id < PARAMETER_SETS_MAX; id++) assert.equal(table.put(id, new Uint8Array(PARAMETER_SET_BYTES_MAX)), true);
  assert.equal(table.put(PARAMETER_SETS_MAX, new Uint8Array(1)), undefined);
  assert.equal(table.put(0, new Uint8Array(PARAMETER_SET_BYTES_MAX + 1)), undefined);
  assert.equal(table.put(0, new Uint8Array(PARAMETER_SET_BYTES_MAX)), false);
  assert.equal(table.list().length, PARAMETER_SETS_MAX);
});

test("[M30] single units, an aggregate and fragments of H.265, keys behind an SEI", () => {
  const sei = Uint8Array.of(39 << 1, 1, 1, 1, 0, 0x80);
  const slice = (type: number): Uint8Array => Uint8Array.of(type << 1, 1, 0xaf, ...Array.from({ length: 500 }, (_, i) => (i % 250) + 1));
  const ap = (...nals: readonly Uint8Array[]): Uint8Array =>
    join(Uint8Array.of(48 << 1, 1), ...nals.flatMap((nal) => [Uint8Array.of(nal.length >> 8, nal.length & 255), nal]));
  for (const [type, key] of [
    [19, true],
    [20, true],
    [21, true],
    [1, false],
    [0, false],
  ] as const) {
    const results = [[sei, slice(type)], [ap(sei, slice(type))], [sei, ...fu265(slice(type), 90)]].map((payloads) => {
      const track = new KeepingTrack();
      const depacketiser = new H265Depacketiser(new H265ParameterSets(90_000), 90_000, track);
      payloads.forEach((payload, i) => depacketiser.packet(payload, 0, payload.length, 5, i === payloads.length - 1, 0));
      depacketiser.flush();
      assert.equal(track.samples.length, 1);
      assert.equal(track.samples[0]?.key, key);
      return track.samples[0]?.bytes;
    });
    assert.deepEqual(results[0], results[1]);
    assert.deepEqual(results[0], results[2]);
    assert.equal(results[0]?.length, 8 + sei.length + slice(type).length);
  }
});

test("[M27] impossible payloads of H.265", () => {
  const odd = [[], [1], [2, 1], [98, 1], [98, 1, 0x93], [96, 1, 0, 9, 1], [100, 1, 5, 5], [0, 0, 1], [0, 0, 0, 1, 2]];
  for (const payload of odd) {
    const track = new KeepingTrack();
    const depacketiser = new H265Depacketiser(new H265ParameterSets(90_000), 90_000, track);
    depacketiser.packet(Uint8Array.from(payload), 0, payload.length, 5, true, 0);
    depacketiser.flush();
    assert.equal(track.samples.length, 0, payload.join(" "));
  }
});

function aac(): { track: KeepingTrack; depacketiser: AacDepacketiser } {
  const track = new KeepingTrack();
  return { track, depacketiser: new AacDepacketiser({ sizeBits: 13, indexBits: 3, indexDeltaBits: 3 }, 1024, track) };
}

const headers = (...sizes: readonly number[]): number[] => [
  (sizes.length * 16) >> 8,
  (sizes.length * 16) & 255,
  ...sizes.flatMap((size) => [(size << 3) >> 8, (size << 3) & 255]),
];

test("[M34] several access units in a packet, each with its time", () => {
  const { track, depacketiser } = aac();
  const payload = Uint8Array.of(...headers(3, 2), 1, 2, 3, 4, 5);
  depacketiser.packet(payload, 0, payload.length, 5000, true, 0);
  assert.deepEqual(
    track.samples.map((sample) => [...sample.bytes]),
    [
      [1, 2, 3],
      [4, 5],
    ],
  );
  assert.deepEqual(
    track.samples.map((sample) => sample.ticks),
    [5000, 6024],
  );
});

test("[M34] an access unit in fragments, and one whose fragment is lost", () => {
  const { track, depacketiser } = aac();
  const part = (...bytes: readonly number[]): Uint8Array => Uint8Array.of(...headers(5), ...bytes);
  for (const [payload, ticks, lost] of [
    [part(1, 2), 0, 0],
    [part(3, 4, 5), 0, 0],
    [part(1, 2), 1024, 0],
    [part(9, 9, 9), 2048, 1],
    [part(8, 8), 2048, 0],
  ] as const) {
    depacketiser.packet(payload, 0, payload.length, ticks, false, lost);
  }
  assert.deepEqual(
    track.samples.map((sample) => [sample.ticks, sample.lost, ...sample.bytes]),
    [
      [0, 0, 1, 2, 3, 4, 5],
      [2048, 1, 9, 9, 9, 8, 8],
    ],
  );
  assert.equal(depacketiser.damaged, 1);
});

test("[M34] broken AU headers are counted", () => {
  const { track, depacketiser } = aac();
  const bad: readonly (readonly number[])[] = [[], [0], [0, 0], [0, 16], [255, 255, 1], [0, 15, 1, 2, 3], [...headers(2, 9), 1, 2, 3]];
  for (const payload of bad) depacketiser.packet(Uint8Array.from(payload), 0, payload.length, 0, true, 0);
  assert.equal(depacketiser.malformed, bad.length);
  assert.equal(track.samples.length, 1);
  for (const count of [AAC_UNITS_MAX, AAC_UNITS_MAX + 1]) {
    const one = aac();
    const payload = Uint8Array.of(...headers(...Array.from({ length: count }, () => 1)), ...new Uint8Array(count));
    one.depacketiser.packet(payload, 0, payload.length, 0, true, 0);
    assert.equal(one.track.samples.length, count > AAC_UNITS_MAX ? 0 : count);
  }
});

test("[M34] AudioSpecificConfig", () => {
  assert.deepEqual(parseAacConfig(Uint8Array.of(0x14, 0x08)), { objectType: 2, sampleRate: 16_000, channels: 1, frameSamples: 1024 });
  assert.deepEqual(parseAacConfig(Uint8Array.of(0x11, 0x90)), { objectType: 2, sampleRate: 48_000, channels: 2, frameSamples: 1024 });
  for (const bad of [[], [0], [0x17, 0x08], [0x14, 0x00]]) assert.equal(parseAacConfig(Uint8Array.from(bad)), undefined);
});

test("[M35] G.711", () => {
  const track = new KeepingTrack();
  const depacketiser = new G711Depacketiser(track);
  const bytes = Uint8Array.of(7, 0xd5, 0xd5, 7);
  depacketiser.packet(bytes, 1, 3, 160, false, 2);
  depacketiser.packet(bytes, 1, 1, 320, false, 0);
  assert.deepEqual(track.samples, [{ bytes: Uint8Array.of(0xd5, 0xd5), ticks: 160, key: true, lost: 2 }]);
});

test("[M37] base64, hexadecimal and UTF-8", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const text = base64Encode(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64"));
      assert.deepEqual(base64Decode(text), bytes);
      assert.deepEqual(base64Decode(text.replace(/=+$/, "")), bytes);
      assert.deepEqual(hexDecode(Buffer.from(bytes).toString("hex")), bytes);
    }),
    { seed: 28181 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => assert.deepEqual(utf8Bytes(text), new Uint8Array(Buffer.from(text)))),
    { seed: 28181 },
  );
  assert.equal(base64Decode("a"), undefined);
  assert.equal(base64Decode("ab$="), undefined);
  assert.equal(hexDecode("0"), undefined);
  assert.equal(hexDecode("0x"), undefined);
});

test("[M38] odd session descriptions", () => {
  const plan = (text: string): string[] => {
    const sdp = parseSdp(text);
    return sdp === undefined ? ["none"] : planStream(sdp, true).tracks.map((track) => `${track.codec}@${track.clockRate}`);
  };
  assert.deepEqual(plan("m=audio 0 RTP/AVP 8\nm=video 554/2 RTP/AVP 96 97\na=fmtp:96 packetization-mode=1\n"), ["h264@90000", "pcma@8000"]);
  assert.deepEqual(plan("m=video 0 RTP/AVP 26\rm=video 0 RTP/AVP 98\ra=rtpmap:98 h265/90000\r"), ["h265@90000"]);
  assert.deepEqual(plan("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2\n"), []);
  assert.deepEqual(plan("m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-max-don-diff=2\n"), []);
  assert.deepEqual(
    plan("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\nm=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000/1\na=fmtp:97 config=1408; sizeLength=13\n"),
    ["h264@90000", "aac@16000"],
  );
  assert.deepEqual(plan("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\nm=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000/1\n"), ["h264@90000"]);
  assert.deepEqual(plan("v=0\ns=nothing\n"), ["none"]);
  assert.ok(path.isAbsolute(TESTDATA) && readFileSync(path.join(TESTDATA, "README.md")).length > 0);
});
