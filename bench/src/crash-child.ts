import { writeSync } from "node:fs";
import type { StreamSink, VideoConfig } from "@mingjian/media";
import { streamId } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import { sha256, systemClock, systemDisk } from "../../server/ports/index.ts";
import { createRecorder } from "../../server/recording/index.ts";

/**
 * Records made-up cameras as fast as the disk takes them, until killed. Tells each acknowledged fragment on standard
 * output, one line of JSON, written before the next one is begun. Arguments: folder, cameras, frame bytes.
 */
const [root, cameras, frameBytes] = process.argv.slice(2);
if (root === undefined) throw new Error("usage: crash-child FOLDER CAMERAS FRAME_BYTES");

const CONFIG: VideoConfig = {
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  width: 640,
  height: 360,
  vps: [],
  sps: [Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x5b)],
  pps: [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb)],
  codecString: "avc1.42c01e",
};
const GOP_FRAMES = 25;
/** Media runs faster than time, so that a short life sees fragments, segment borders and chain entries. */
const SEGMENT_FRAMES = 200;

function tell(facts: object): void {
  writeSync(1, `${JSON.stringify(facts)}\n`);
}

const quiet = (): void => {};
const recorder = await createRecorder({
  disk: systemDisk(),
  clock: systemClock(),
  hash: sha256,
  root,
  reserveBytes: 0,
  log: { info: quiet, warn: quiet, error: (facts) => tell({ error: facts }) },
  ledger: { append: async () => {} },
});
recorder.onAcknowledged((stream, fragment) => tell({ stream, file: fragment.file, fragments: fragment.fragments, bytes: fragment.bytes }));
tell({ ready: true });

const streams = Array.from({ length: Number(cameras ?? "4") }, (_, index) => streamId(`cam-${index}` as CameraId, "main"));
const sinks: (StreamSink | undefined)[] = [];
const sample = new Uint8Array(Number(frameBytes ?? "4000")).fill(0x5a);
for (let frame = 0; ; frame++) {
  for (const [index, stream] of streams.entries()) {
    if ((frame + index * 37) % SEGMENT_FRAMES === 0) sinks[index]?.close("no-data");
    if (sinks[index] === undefined || (frame + index * 37) % SEGMENT_FRAMES === 0) {
      const opened = recorder.open(stream, [CONFIG]);
      if ("refused" in opened) throw new Error(opened.refused);
      sinks[index] = opened;
    }
    const sink = sinks[index];
    const track = sink?.tracks[0];
    if (sink === undefined || track === undefined) throw new Error("no track");
    sink.arrived(performance.now());
    const rope = track.rope();
    const start = rope.length;
    rope.append(sample, 0, sample.length);
    track.sample(start, rope.length, frame * 3_600, (frame + index * 37) % GOP_FRAMES === 0);
  }
  await new Promise((resolve) => setImmediate(resolve));
  while (recorder.states().some((one) => one.queuedBytes > 2_000_000)) await new Promise((resolve) => setImmediate(resolve));
}
