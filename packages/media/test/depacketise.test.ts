import assert from "node:assert/strict";
import { test } from "node:test";
import { H264Depacketiser } from "../src/h264/depacketiser.ts";
import { H264ParameterSets } from "../src/h264/parameter-sets.ts";
import { MARKER_TRUST_UNITS, NAL_BYTES_MAX } from "../src/nal/access-units.ts";
import { RtpReceiver } from "../src/rtp/receiver.ts";
import { KeepingTrack, type Sample } from "./harness.ts";
import { delta, fuA, idr, intra, join, laterSlice, Packetiser, PPS_120, PPS_720, RECOVERY_SEI, rtpPacket, SPS_120, SPS_720, stapA } from "./rtp-builder.ts";

class Line {
  readonly track = new KeepingTrack();
  readonly depacketiser = new H264Depacketiser(new H264ParameterSets(90_000), 90_000, this.track);
  readonly receiver = new RtpReceiver(this.depacketiser);

  /** Interleaved packets, their 4 bytes of framing left out. */
  send(packets: readonly Uint8Array[]): this {
    for (const packet of packets) {
      const padded = join(Uint8Array.of(9, 9), packet, Uint8Array.of(9));
      this.receiver.packet(padded, 6, padded.length - 1);
    }
    return this;
  }

  samples(): Sample[] {
    this.depacketiser.flush();
    return this.track.samples;
  }
}

const lengthed = (...nals: readonly Uint8Array[]): Uint8Array =>
  join(...nals.flatMap((nal) => [Uint8Array.of(nal.length >>> 24, (nal.length >> 16) & 255, (nal.length >> 8) & 255, nal.length & 255), nal]));

test("[M20] single units, an aggregate and fragments of the same units", () => {
  const nals = [Uint8Array.of(9, 0xf0), RECOVERY_SEI, idr(3000), laterSlice(700)];
  const ways = [nals, [stapA(...nals)], [stapA(...nals.slice(0, 2)), ...fuA(idr(3000), 900), ...fuA(laterSlice(700), 1)]];
  for (const payloads of ways) {
    const packets = new Packetiser();
    const [sample] = new Line().send(packets.frame(payloads)).samples();
    assert.deepEqual(sample?.bytes, lengthed(...nals));
    assert.equal(sample?.ticks, 4_294_960_000);
    assert.equal(sample?.key, true);
  }
});

test("[M21] parameter sets leave the sample, and a change is told once, before its sample", () => {
  const line = new Line();
  const packets = new Packetiser();
  line.send(packets.frame([stapA(SPS_720, PPS_720), idr()])).send(packets.frame([SPS_720, PPS_720, idr()]));
  line.send(packets.frame([delta()]));
  assert.equal(line.track.configs.length, 1);
  line.send(packets.frame([...fuA(SPS_120, 5), PPS_120, idr()]));
  assert.equal(line.track.configs.length, 1);
  const samples = line.samples();
  assert.deepEqual(
    line.track.configs.map((config) => config.kind === "video" && config.width),
    [1280, 160],
  );
  assert.deepEqual(
    samples.map((sample) => sample.bytes.length),
    [44, 44, 24, 44],
  );
});

test("[M22] a marker is believed after it was truthful for a while", () => {
  const line = new Line();
  const packets = new Packetiser();
  for (let i = 0; i <= MARKER_TRUST_UNITS; i++) {
    assert.equal(line.track.samples.length, Math.max(0, i - 1) + 0, `before frame ${i}`);
    line.send(packets.frame([i === 0 ? idr() : delta()]));
  }
  line.send(packets.frame([delta()]));
  assert.equal(line.track.samples.length, MARKER_TRUST_UNITS + 2, "the last frame did not wait for the next");
});

test("[M23] lying markers change nothing", () => {
  const wanted = (markers: "last" | "all" | "none"): (readonly [number, number])[] => {
    const line = new Line();
    const packets = new Packetiser();
    for (let i = 0; i < 12; i++) line.send(packets.frame([SPS_720, PPS_720, ...fuA(i % 6 === 0 ? idr(500) : delta(300), 100), laterSlice()], { markers }));
    return line.samples().map((sample) => [sample.ticks, sample.bytes.length] as const);
  };
  assert.equal(wanted("last").length, 12);
  assert.deepEqual(wanted("all"), wanted("last"));
  assert.deepEqual(wanted("none"), wanted("last"));
});

test("[M23] a camera that begins to lie is found out at the first slice left over", () => {
  const line = new Line();
  const packets = new Packetiser();
  for (let i = 0; i < 10; i++) line.send(packets.frame([i === 0 ? idr() : delta()]));
  for (let i = 0; i < 4; i++) line.send(packets.frame([delta(), laterSlice(), laterSlice()], { markers: "all" }));
  const samples = line.samples();
  assert.deepEqual(
    samples.slice(11).map((sample) => sample.bytes.length),
    [72, 72, 72],
  );
});

test("[M24] one lost fragment drops its picture and no other", () => {
  for (const missing of [0, 1, 3]) {
    const line = new Line();
    const packets = new Packetiser();
    line.send(packets.frame([idr()]));
    const broken = packets.frame(fuA(delta(400), 100));
    line
      .send(broken.filter((_, i) => i !== missing))
      .send(packets.frame([delta()]))
      .send(packets.frame([delta()]));
    const samples = line.samples();
    assert.deepEqual(
      samples.map((sample) => sample.lost),
      [0, 1, 0],
      `missing ${missing}`,
    );
    assert.equal(line.depacketiser.damaged, 1);
    assert.equal(line.receiver.lost, 1);
  }
});

test("[M24] a whole lost picture is told, the next one is whole", () => {
  const line = new Line();
  const packets = new Packetiser();
  for (let i = 0; i < 10; i++) line.send(packets.frame([i === 0 ? idr() : delta()]));
  packets.frame(fuA(delta(400), 100));
  const samples = line
    .send(packets.frame([delta()]))
    .send(packets.frame([delta()]))
    .samples();
  assert.deepEqual(
    samples.map((sample) => sample.lost),
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0],
  );
  assert.equal(line.depacketiser.damaged, 0);
});

test("[M25] what counts as a key frame", () => {
  const keys = (frames: readonly (readonly Uint8Array[])[], ticks = 3600): boolean[] => {
    const line = new Line();
    const packets = new Packetiser();
    for (const frame of frames) line.send(packets.frame(frame, { ticks }));
    return line.samples().map((sample) => sample.key);
  };
  assert.deepEqual(keys([[idr()], [delta()], [intra()], [intra(), laterSlice()]]), [true, false, false, false]);
  assert.deepEqual(
    keys([
      [SPS_720, PPS_720, intra()],
      [RECOVERY_SEI, intra()],
      [SPS_720, delta()],
    ]),
    [true, true, false],
  );
  const refresh = Array.from({ length: 12 }, () => [RECOVERY_SEI, delta()]);
  assert.deepEqual(keys(refresh, 45_000).map(Number), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
});

test("[M26] a NAL unit of 10 MB, and one of a byte more", () => {
  for (const [bytes, frames] of [
    [NAL_BYTES_MAX, 2],
    [NAL_BYTES_MAX + 1, 1],
  ] as const) {
    const line = new Line();
    const packets = new Packetiser();
    line.send(packets.frame(fuA(idr(bytes), 60_000))).send(packets.frame([idr()]));
    const samples = line.samples();
    assert.equal(samples.length, frames);
    assert.equal(samples.at(-1)?.bytes.length, 44);
    assert.equal(line.depacketiser.damaged, 2 - frames);
  }
});

test("[M27] zero-length frames, half packets and impossible units never become a sample", () => {
  const odd: readonly Uint8Array[] = [
    new Uint8Array(0),
    Uint8Array.of(0x65),
    Uint8Array.of(0x7c),
    Uint8Array.of(0x7c, 0x85),
    Uint8Array.of(0x18),
    Uint8Array.of(0x18, 0, 0, 0, 0),
    Uint8Array.of(0x18, 0, 9, 1),
    Uint8Array.of(0x19, 0, 0, 0, 1, 5),
    Uint8Array.of(0x1d, 0x85, 0, 0, 1),
    Uint8Array.of(0, 0, 0, 1),
    Uint8Array.of(31, 1, 2, 3),
  ];
  for (const payload of odd) {
    const line = new Line();
    const packets = new Packetiser();
    line.send(packets.frame([payload])).send(packets.frame([idr()]));
    assert.equal(line.samples().length, 1, Buffer.from(payload).toString("hex"));
  }
  const line = new Line();
  for (const bad of [
    new Uint8Array(11),
    Uint8Array.of(0x40, ...new Uint8Array(20)),
    Uint8Array.of(0x9f, 96, ...new Uint8Array(20)),
    Uint8Array.of(0xa0, 96, ...new Uint8Array(10), 99),
    Uint8Array.of(0x90, 96, ...new Uint8Array(11)),
  ]) {
    line.receiver.packet(bad, 0, bad.length);
  }
  assert.equal(line.receiver.malformed, 5);
  assert.equal(line.samples().length, 0);
});

test("[M27] padding, extension and contributing sources are not payload", () => {
  const line = new Line();
  const plain = rtpPacket({ sequence: 1, timestamp: 1, marker: true }, idr());
  const packet = join(plain.subarray(0, 12), new Uint8Array(8), Uint8Array.of(0xbe, 0xde, 0, 1, 1, 2, 3, 4), idr(), Uint8Array.of(0, 0, 3));
  packet[0] = 0x80 | 0x20 | 0x10 | 2;
  assert.equal(line.receiver.packet(packet, 0, packet.length), true);
  assert.deepEqual(line.samples()[0]?.bytes, lengthed(idr()));
});

test("[M28] timestamps wrap and run backwards", () => {
  const line = new Line();
  const packets = new Packetiser();
  for (const ticks of [3600, 3600, -7200, 90_000, 3600]) line.send(packets.frame([idr()], { ticks }));
  const first = 4_294_960_000;
  assert.deepEqual(
    line.samples().map((sample) => sample.ticks - first),
    [0, 3600, 7200, 0, 90_000],
  );
});

test("[M29] B-frames keep decode order and their own times", () => {
  const line = new Line();
  const packets = new Packetiser();
  for (const ticks of [10_800, -7200, 3600, 10_800]) line.send(packets.frame([ticks === 10_800 ? idr() : delta()], { ticks }));
  assert.deepEqual(
    line.samples().map((sample) => sample.ticks - 4_294_960_000),
    [0, 10_800, 3600, 7200],
  );
});

test("[M32] parameter sets and a picture behind one header, with start codes", () => {
  const line = new Line();
  const packets = new Packetiser();
  const code = Uint8Array.of(0, 0, 0, 1);
  const hidden = join(SPS_720, code, PPS_720, code, idr(600));
  line.send(packets.frame(fuA(hidden, 200))).send(packets.frame([join(code, delta())]));
  const samples = line.samples();
  assert.equal(line.track.configs.length, 1);
  assert.deepEqual(
    samples.map((sample) => sample.key),
    [true, false],
  );
  assert.deepEqual(samples[0]?.bytes, lengthed(idr(600)));
  assert.deepEqual(samples[1]?.bytes, lengthed(delta()));
});

test("[M36] repeated packets and a source that begins anew", () => {
  const line = new Line();
  const packets = new Packetiser();
  const twice = packets.frame([idr()]);
  line.send([...twice, ...twice]).send(packets.frame([delta()]));
  line.send(new Packetiser(0, { sequence: 100, timestamp: 7, ssrc: 0x9999 }).frame([idr()]));
  line.send(new Packetiser(0, { sequence: 40_000, timestamp: 3607, ssrc: 0x9999 }).frame([idr()]));
  const samples = line.samples();
  assert.equal(samples.length, 4);
  assert.equal(line.receiver.duplicates, 1);
  assert.equal(line.receiver.restarts, 2);
  assert.equal(line.receiver.lost, 0);
});
