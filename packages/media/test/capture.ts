// node packages/media/test/capture.ts URL tcp|udp SECONDS > packages/media/testdata/NAME.rtsp
// Plays a real source and prints the transcript of what it sent.
import { createSocket, type Socket } from "node:dgram";
import { connect } from "node:net";
import { Bed, textOf } from "./harness.ts";
import { escapeLines, factsOf } from "./transcript.ts";

const [url = "", transport = "tcp", seconds = "3"] = process.argv.slice(2);
const lines: string[] = [JSON.stringify({ url, transport })];
const bed = new Bed({ url, transport: transport === "udp" ? "udp" : "tcp" });
const { hostname, port } = new URL(url.replace("rtsp:", "http:"));
const control = connect(Number(port === "" ? "554" : port), hostname);
const sockets: Socket[] = [];
let next = 0;
let pending = new Uint8Array(0);

async function bind(track: number): Promise<void> {
  for (const [i, local] of [
    [0, 15_000 + 2 * track],
    [1, 15_001 + 2 * track],
  ] as const) {
    const socket = createSocket("udp4");
    sockets.push(socket);
    socket.on("message", (bytes) => {
      lines.push(`@ ${track} ${i === 1 ? "rtcp" : "rtp"} ${Buffer.from(bytes).toString("base64")}`);
      bed.client.datagram(track, i === 1, bytes, performance.now());
      go();
    });
    await new Promise<void>((ready) => socket.bind(local, ready));
  }
  bed.client.portsBound(15_000 + 2 * track, performance.now());
  go();
}

function go(): void {
  bed.drain();
  for (; next < bed.events.length; next++) {
    const event = bed.events[next];
    if (event?.type === "bind") void bind(event.track);
    if (event?.type !== "send") continue;
    control.write(event.bytes);
    if (event.bytes[0] !== 0x24) lines.push(`> ${textOf(event.bytes).split(" RTSP/1.0")[0]}`);
  }
}

/** Messages become text, packets base64, each on lines of its own. */
function note(bytes: Uint8Array): void {
  pending = Buffer.concat([pending, bytes]);
  while (pending.length >= 4) {
    if (pending[0] === 0x24) {
      const size = 4 + ((pending[2] as number) << 8) + (pending[3] as number);
      if (pending.length < size) return;
      lines.push(`$ ${Buffer.from(pending.subarray(0, size)).toString("base64")}`);
      pending = pending.subarray(size);
      continue;
    }
    const text = textOf(pending);
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const size = end + 4 + Number(/content-length:\s*(\d+)/i.exec(text.slice(0, end))?.[1] ?? "0");
    if (pending.length < size) return;
    lines.push(...escapeLines(pending.subarray(0, size)));
    pending = pending.subarray(size);
  }
}

control.on("connect", go);
control.on("data", (bytes) => {
  note(bytes);
  bed.client.receive(bytes, 0, bytes.length, performance.now());
  go();
});
setTimeout(
  () => {
    control.destroy();
    for (const socket of sockets) socket.close();
    console.log([...lines, `= ${JSON.stringify(factsOf(bed))}`].join("\n"));
    process.exit(0);
  },
  Number(seconds) * 1000,
);
