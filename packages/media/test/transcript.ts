import { Bed, bytesOf, textOf } from "./harness.ts";

/** One line of a transcript; testdata/README.md describes the format. */
export type Line =
  | { readonly kind: "request"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "datagram"; readonly track: number; readonly rtcp: boolean; readonly bytes: Uint8Array }
  | { readonly kind: "wait"; readonly ms: number };

export interface Transcript {
  readonly url: string;
  readonly transport: "tcp" | "udp";
  readonly audio: boolean;
  readonly lines: readonly Line[];
  /** What must come of it; compared field by field. */
  readonly outcome: Readonly<Record<string, unknown>>;
}

function unescape(text: string): Uint8Array {
  return bytesOf(text.replace(/\\(r|n|\\)/g, (_, letter: string) => ({ r: "\r", n: "\n" })[letter] ?? "\\"));
}

function readLine(line: string): Line {
  const rest = line.slice(2);
  if (line[0] === ">") return { kind: "request", text: rest };
  if (line[0] === "<") return { kind: "bytes", bytes: unescape(rest) };
  if (line[0] === "$") return { kind: "bytes", bytes: new Uint8Array(Buffer.from(rest, "base64")) };
  if (line[0] === "+") return { kind: "wait", ms: Number(rest) };
  if (line[0] !== "@") throw new Error(`no line of a transcript: ${line}`);
  const [track, port, base64] = rest.split(" ");
  return { kind: "datagram", track: Number(track), rtcp: port === "rtcp", bytes: new Uint8Array(Buffer.from(base64 ?? "", "base64")) };
}

export function parseTranscript(text: string): Transcript {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const setup = JSON.parse(lines[0] ?? "") as { url: string; transport?: "tcp" | "udp"; audio?: boolean };
  const last = lines.at(-1) ?? "";
  if (!last.startsWith("= ")) throw new Error("a transcript ends with its outcome");
  return {
    url: setup.url,
    transport: setup.transport ?? "tcp",
    audio: setup.audio ?? true,
    lines: lines.slice(1, -1).map(readLine),
    outcome: JSON.parse(last.slice(2)) as Record<string, unknown>,
  };
}

/** Plays a transcript; `split` cuts each run of the camera's bytes into reads. Returns the bed and the first request that differs. */
export function play(transcript: Transcript, split: (bytes: Uint8Array) => readonly number[] = () => []): { bed: Bed; wrongRequest: string | undefined } {
  const bed = new Bed({ url: transcript.url, transport: transcript.transport, audio: transcript.audio });
  let asked = 0;
  let wrongRequest: string | undefined;
  let port = 5000;
  let bound = 0;
  for (const line of transcript.lines) {
    if (line.kind === "request") {
      const first = (bed.requests[asked] ?? "").split("\r\n");
      asked += 1;
      const wanted = line.text.split(" | ");
      const missing = wanted.slice(1).find((header) => !first.includes(header));
      if (first[0] !== `${wanted[0]} RTSP/1.0` || missing !== undefined) wrongRequest ??= `wanted ${line.text}, got ${first.join(" | ")}`;
    } else if (line.kind === "bytes") bed.feed(line.bytes, split(line.bytes));
    else if (line.kind === "datagram") bed.client.datagram(line.track, line.rtcp, line.bytes.slice(), bed.nowMs);
    else bed.wait(line.ms);
    bed.drain();
    const binds = bed.events.filter((event) => event.type === "bind").length;
    for (; bound < binds; bound++, port += 2) bed.client.portsBound(port, bed.nowMs);
    bed.drain();
  }
  return { bed, wrongRequest };
}

/** The facts a transcript's outcome may name. */
export function factsOf(bed: Bed): Record<string, unknown> {
  bed.client.closeSink("no-data");
  const tracks = bed.sink?.tracks ?? [];
  const video = tracks[0];
  return {
    step: bed.client.step,
    failure: bed.failure ?? null,
    codecs: bed.opened.map((config) => config.codecString),
    size: bed.opened[0]?.kind === "video" ? `${bed.opened[0].width}x${bed.opened[0].height}` : null,
    frames: video?.samples.length ?? 0,
    keys: video?.samples.filter((sample) => sample.key).length ?? 0,
    frameBytes: video?.samples.reduce((sum, sample) => sum + sample.bytes.length, 0) ?? 0,
    lost: video?.samples.reduce((sum, sample) => sum + sample.lost, 0) ?? 0,
    audio: tracks[1]?.samples.length ?? 0,
    reports: bed.sink?.reports.length ?? 0,
    configChanges: Math.max(0, (video?.configs.length ?? 0) - 1),
    redirect: bed.events.find((event) => event.type === "redirect")?.url ?? null,
    lastRequest: (bed.requests.at(-1) ?? "").split(" ")[0],
  };
}

/** Text of bytes with line ends written out, one line of the transcript a line of text. */
export function escapeLines(bytes: Uint8Array): string[] {
  return textOf(bytes)
    .split(/(?<=\n)/)
    .map((line) => `< ${line.replace(/\\/g, "\\\\").replace(/\r/g, "\\r").replace(/\n/g, "\\n")}`);
}
