/** Bytes of a session description; cameras send 300 to 2000. */
export const SDP_BYTES_MAX = 64 * 1024;
/** Media sections read of one description; more are left out. */
export const SDP_MEDIA_MAX = 16;
/** Characters of one line; a longer one is left out. */
export const SDP_LINE_CHARACTERS_MAX = 16 * 1024;

/** One media section (RFC 8866 5.14) with the attributes RTSP uses (RFC 2326 C.1). */
export interface SdpMedia {
  /** `video`, `audio`, `application`, in lower case. */
  readonly kind: string;
  readonly payloadType: number;
  /** Encoding name in capitals: `H264`, `PCMU`; empty when neither rtpmap nor a static payload type tells it. */
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
  /** Parameters of fmtp, names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly control: string | undefined;
}

export interface Sdp {
  readonly control: string | undefined;
  readonly media: readonly SdpMedia[];
}

/** RFC 3551 section 6, as far as cameras use them. */
const STATIC_TYPES: ReadonlyMap<number, readonly [encoding: string, clockRate: number]> = new Map([
  [0, ["PCMU", 8000]],
  [3, ["GSM", 8000]],
  [4, ["G723", 8000]],
  [8, ["PCMA", 8000]],
  [9, ["G722", 8000]],
  [10, ["L16", 44_100]],
  [11, ["L16", 44_100]],
  [14, ["MPA", 90_000]],
  [18, ["G729", 8000]],
  [26, ["JPEG", 90_000]],
  [32, ["MPV", 90_000]],
  [33, ["MP2T", 90_000]],
  [34, ["H263", 90_000]],
]);

interface Draft {
  kind: string;
  payloadType: number;
  encoding: string;
  clockRate: number;
  channels: number;
  parameters: Map<string, string>;
  control: string | undefined;
}

function beginMedia(value: string): Draft {
  const words = value.trim().split(/\s+/);
  const payloadType = Number(words[3] ?? "-1");
  const known = STATIC_TYPES.get(payloadType);
  return {
    kind: (words[0] ?? "").toLowerCase(),
    payloadType: Number.isInteger(payloadType) && payloadType >= 0 && payloadType < 128 ? payloadType : -1,
    encoding: known?.[0] ?? "",
    clockRate: known?.[1] ?? 90_000,
    channels: 1,
    parameters: new Map(),
    control: undefined,
  };
}

function readFormat(media: Draft, value: string): void {
  const space = value.indexOf(" ");
  if (space < 0 || Number(value.slice(0, space)) !== media.payloadType) return;
  for (const part of value.slice(space + 1).split(";")) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== "" && media.parameters.size < 64) media.parameters.set(name, equals < 0 ? "" : part.slice(equals + 1).trim());
  }
}

function readMap(media: Draft, value: string): void {
  const parts = /^(\d+)\s+([^/\s]+)(?:\/(\d+))?(?:\/(\d+))?/.exec(value.trim());
  if (parts === null || Number(parts[1]) !== media.payloadType) return;
  media.encoding = (parts[2] ?? "").toUpperCase();
  const clockRate = Number(parts[3] ?? "0");
  if (clockRate > 0 && clockRate <= 10_000_000) media.clockRate = clockRate;
  const channels = Number(parts[4] ?? "1");
  if (channels >= 1 && channels <= 8) media.channels = channels;
}

/** Some cameras forget rtpmap but describe the format: the parameters give the codec away. */
function guessEncoding(media: Draft): string {
  if (media.encoding !== "" || media.kind !== "video") return media.encoding;
  if (media.parameters.has("sprop-parameter-sets") || media.parameters.has("packetization-mode")) return "H264";
  if (media.parameters.has("sprop-sps") || media.parameters.has("sprop-vps")) return "H265";
  return "";
}

/** Reads a session description; what it cannot read it leaves out. Undefined when there is no media section at all. */
export function parseSdp(text: string): Sdp | undefined {
  const media: Draft[] = [];
  let control: string | undefined;
  let beyond = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.length < 2 || line.length > SDP_LINE_CHARACTERS_MAX || line[1] !== "=") continue;
    const value = line.slice(2);
    if (line[0] === "m") {
      beyond = media.length === SDP_MEDIA_MAX;
      if (!beyond) media.push(beginMedia(value));
    }
    if (line[0] !== "a" || beyond) continue;
    const colon = value.indexOf(":");
    const name = (colon < 0 ? value : value.slice(0, colon)).toLowerCase();
    const rest = colon < 0 ? "" : value.slice(colon + 1).trim();
    const current = media.at(-1);
    if (name === "control" && rest !== "") {
      if (current === undefined) control = rest;
      else current.control = rest;
    } else if (current !== undefined && name === "rtpmap") readMap(current, rest);
    else if (current !== undefined && name === "fmtp") readFormat(current, rest);
  }
  if (media.length === 0) return undefined;
  return { control, media: media.map((one) => ({ ...one, encoding: guessEncoding(one) })) };
}
