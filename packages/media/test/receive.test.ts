import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { REORDER_PACKETS_MAX, REORDER_WAIT_MS, ReorderBuffer } from "../src/rtp/reorder.ts";
import { Bed } from "./harness.ts";
import { AVC_SDP, AVC_SDP_BARE, delta, fuA, idr, interleaved, join, Packetiser, PPS_720, rtpPacket, SPS_720, stapA } from "./rtp-builder.ts";

const SEED = 28181;

function setUp(sdp: string, transport: "tcp" | "udp" = "tcp"): Bed {
  const bed = new Bed({ transport });
  const say = (cseq: number, headers: string, body = ""): void => {
    bed.say(`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
    if (bed.events.at(-1)?.type === "bind") bed.client.portsBound(5000, bed.nowMs);
    bed.drain();
  };
  say(1, "");
  say(2, "", sdp);
  for (let cseq = 3; bed.client.step === "setup"; cseq++) say(cseq, "Session: 1\r\n");
  say(bed.requests.length, "");
  assert.equal(bed.client.step, "playing");
  return bed;
}

test("[M33] the sink opens at the first key frame, audio before it is forgotten", () => {
  const bed = setUp(`${AVC_SDP_BARE}m=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n`);
  const video = new Packetiser();
  const audio = new Packetiser(2, { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 });
  const send = (packets: readonly Uint8Array[]): void => packets.forEach((packet) => bed.feed(packet));
  send(video.frame([delta()]));
  send(audio.frame([new Uint8Array(160)], { ticks: 160 }));
  send(video.frame([idr()]));
  send(video.frame([delta()]));
  assert.equal(bed.opened.length, 0);
  send(video.frame([stapA(SPS_720, PPS_720), idr(60)]));
  send(audio.frame([new Uint8Array(160)], { ticks: 160 }));
  send(video.frame([delta()]));
  send(audio.frame([new Uint8Array(160)], { ticks: 160 }));
  bed.client.closeSink("no-data");
  assert.deepEqual(
    bed.video.samples.map((sample) => [sample.bytes.length, sample.key]),
    [
      [64, true],
      [24, false],
    ],
  );
  assert.deepEqual(
    bed.sink?.tracks[1]?.samples.map((sample) => sample.ticks),
    [320],
  );
  assert.deepEqual(
    bed.sink?.tracks.map((track) => track.configs.length),
    [1, 1],
  );
  assert.deepEqual(
    bed.opened.map((config) => config.codecString),
    ["avc1.4d001f", "ulaw"],
  );
  assert.equal(bed.sink?.cause, "no-data");
});

test("[M15] datagrams out of order, twice, late and lost", () => {
  const bed = setUp(AVC_SDP, "udp");
  const packets = new Packetiser();
  const frames = Array.from({ length: 30 }, (_, i) => packets.frame(i === 0 ? [idr()] : fuA(delta(300), 100)).map((packet) => packet.slice(4)));
  const sent = frames.flat();
  const shuffled = sent
    .map((packet, i) => ({ packet, place: i + ((i * 7) % 5) * 1.1 }))
    .sort((a, b) => a.place - b.place)
    .map((one) => one.packet);
  for (const packet of shuffled) {
    bed.client.datagram(0, false, packet.slice(), bed.nowMs);
    bed.client.datagram(0, false, packet.slice(), bed.nowMs);
  }
  bed.client.closeSink("no-data");
  assert.equal(bed.video.samples.length, 30);
  assert.equal(bed.client.receiver?.tracks[0]?.receiver.lost, 0);
});

test("[M15] a missing datagram is waited for, then given up", () => {
  const given: number[] = [];
  const buffer = new ReorderBuffer((packet) => given.push(((packet[2] as number) << 8) | (packet[3] as number)));
  const packet = (sequence: number): Uint8Array => rtpPacket({ sequence, timestamp: 0 }, new Uint8Array(1));
  buffer.packet(packet(65_535), 0);
  buffer.packet(packet(1), 10);
  buffer.packet(packet(2), 20);
  buffer.tick(10 + REORDER_WAIT_MS - 1);
  assert.deepEqual(given, [65_535]);
  assert.equal(buffer.deadlineMs, 10 + REORDER_WAIT_MS);
  buffer.tick(10 + REORDER_WAIT_MS);
  assert.deepEqual(given, [65_535, 1, 2]);
  buffer.packet(packet(0), 200);
  assert.equal(buffer.late, 1);
  for (let i = 0; i < REORDER_PACKETS_MAX; i++) buffer.packet(packet(10 + i), 200);
  assert.equal(given.length, 3);
  buffer.packet(packet(10 + REORDER_PACKETS_MAX), 200);
  assert.equal(given.length, 3 + REORDER_PACKETS_MAX + 1);
});

test("[M2] fragments of every size survive reads of every size", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ size: fc.integer({ min: 8, max: 3000 }), piece: fc.integer({ min: 1, max: 1400 }) }), { minLength: 2, maxLength: 8 }),
      fc.array(fc.nat(20_000), { maxLength: 30 }),
      (frames, cuts) => {
        const bed = setUp(AVC_SDP);
        const packets = new Packetiser();
        const bytes = join(...frames.flatMap((frame) => packets.frame(fuA(idr(frame.size), frame.piece))));
        bed.feed(
          bytes,
          cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b),
        );
        bed.client.closeSink("no-data");
        assert.deepEqual(
          bed.video.samples.map((sample) => sample.bytes.length),
          frames.map((frame) => frame.size + 4),
        );
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

test("[M3] garbage in every place", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 80 })).map(([channel, bytes]) => interleaved(channel, bytes)),
    fc
      .record({
        type: fc.constantFrom(96, 72, 0, 8, 200),
        sequence: fc.nat(65_535),
        timestamp: fc.nat(),
        payload: fc.uint8Array({ maxLength: 60 }),
        marker: fc.boolean(),
        channel: fc.nat(3),
      })
      .map((one) =>
        interleaved(one.channel, rtpPacket({ sequence: one.sequence, timestamp: one.timestamp, payloadType: one.type & 127, marker: one.marker }, one.payload)),
      ),
    fc
      .constantFrom(
        "RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n",
        "RTSP/1.0 401 No\r\n\r\n",
        "RTSP/1.0 302 X\r\nLocation: \r\n\r\n",
        "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "TEARDOWN x RTSP/1.0\n\n",
        "\r\n\r\n",
      )
      .map((text) => Uint8Array.from(Buffer.from(text))),
    fc
      .constantFrom(SPS_720, PPS_720, idr(), delta(), stapA(SPS_720, PPS_720))
      .map((nal) => interleaved(0, rtpPacket({ sequence: 1, timestamp: 1, marker: true }, nal))),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), fc.nat(4000), (pieces, early, waitMs) => {
      const bed = early ? new Bed() : setUp(AVC_SDP);
      for (const bytes of pieces) bed.feed(bytes);
      bed.wait(waitMs);
      for (const bytes of pieces) bed.client.datagram(0, bytes.length % 2 === 0, bytes.slice(), bed.nowMs);
      bed.client.stop(bed.nowMs);
      bed.client.closeSink("no-data");
    }),
    { seed: SEED, numRuns: 3000 },
  );
});
