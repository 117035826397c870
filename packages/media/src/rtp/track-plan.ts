import { parseAacConfig } from "../aac/config.ts";
import { AacDepacketiser } from "../aac/depacketiser.ts";
import { G711Depacketiser } from "../g711/depacketiser.ts";
import { H264Depacketiser } from "../h264/depacketiser.ts";
import { H264ParameterSets } from "../h264/parameter-sets.ts";
import { H265Depacketiser } from "../h265/depacketiser.ts";
import { H265ParameterSets } from "../h265/parameter-sets.ts";
import type { ParameterSets } from "../nal/parameter-sets.ts";
import type { Sdp, SdpMedia } from "../sdp/sdp.ts";
import type { AudioConfig, TrackSink, VideoConfig } from "../stream.ts";
import { base64Decode, hexDecode } from "../text.ts";
import type { Depacketiser } from "./depacketiser.ts";

/** One track we set up: where it is, and how its payload becomes samples. */
export interface TrackPlan {
  readonly kind: "video" | "audio";
  readonly codec: "h264" | "h265" | "aac" | "pcma" | "pcmu";
  readonly payloadType: number;
  readonly clockRate: number;
  readonly control: string | undefined;
  /** Audio only; a video track's configuration comes with its parameter sets. */
  readonly audio: AudioConfig | undefined;
  depacketiser(sink: TrackSink): Depacketiser;
  /** The configuration the session description gives, when it gives a whole one. */
  described(): VideoConfig | AudioConfig | undefined;
}

/** What to set up of a description, or why nothing can be. */
export interface StreamPlan {
  readonly tracks: readonly TrackPlan[];
  /** Media sections left out: `audio MPA`, `application VND.ONVIF.METADATA`. */
  readonly leftOut: readonly string[];
  /** Set when there is no video we can record: the codecs that were offered. */
  readonly unsupported: string | undefined;
}

/** Parameter sets of the description; a set that is broken base64 or garbage is left to the stream to bring. */
function putDescribed(sets: ParameterSets, lists: readonly (string | undefined)[]): void {
  for (const list of lists) {
    for (const text of (list ?? "").split(",")) {
      const nal = text === "" ? undefined : base64Decode(text);
      if (nal !== undefined && nal.length > 0) sets.put(nal);
    }
  }
}

function videoPlan(media: SdpMedia): TrackPlan | undefined {
  const { payloadType, clockRate, control, parameters, encoding } = media;
  if (encoding === "H264" && parameters.get("packetization-mode") !== "2") {
    const sets = (): H264ParameterSets => {
      const made = new H264ParameterSets(clockRate);
      putDescribed(made, [parameters.get("sprop-parameter-sets")]);
      return made;
    };
    return {
      kind: "video",
      codec: "h264",
      payloadType,
      clockRate,
      control,
      audio: undefined,
      depacketiser: (sink) => new H264Depacketiser(sets(), clockRate, sink),
      described: () => sets().takeChanged(),
    };
  }
  const order = Number(parameters.get("sprop-max-don-diff") ?? "0");
  if ((encoding !== "H265" && encoding !== "HEVC") || order > 0) return undefined;
  const sets = (): H265ParameterSets => {
    const made = new H265ParameterSets(clockRate);
    putDescribed(made, [parameters.get("sprop-vps"), parameters.get("sprop-sps"), parameters.get("sprop-pps")]);
    return made;
  };
  return {
    kind: "video",
    codec: "h265",
    payloadType,
    clockRate,
    control,
    audio: undefined,
    depacketiser: (sink) => new H265Depacketiser(sets(), clockRate, sink),
    described: () => sets().takeChanged(),
  };
}

function aacPlan(media: SdpMedia): TrackPlan | undefined {
  const { payloadType, clockRate, control, parameters } = media;
  const bytes = hexDecode(parameters.get("config") ?? "");
  const config = bytes === undefined ? undefined : parseAacConfig(bytes);
  const width = (name: string, otherwise: number): number => {
    const value = Number(parameters.get(name) ?? otherwise);
    return Number.isInteger(value) && value >= 0 && value <= 16 ? value : otherwise;
  };
  const layout = { sizeBits: width("sizelength", 13), indexBits: width("indexlength", 3), indexDeltaBits: width("indexdeltalength", 3) };
  if (bytes === undefined || config === undefined || layout.sizeBits === 0) return undefined;
  const { sampleRate, channels, objectType, frameSamples } = config;
  const codecString = `mp4a.40.${objectType}`;
  const audio: AudioConfig = { kind: "audio", codec: "aac", clockRate, sampleRate, channels, audioSpecificConfig: bytes, codecString };
  const unitTicks = (frameSamples * clockRate) / sampleRate;
  return {
    kind: "audio",
    codec: "aac",
    payloadType,
    clockRate,
    control,
    audio,
    depacketiser: (sink) => new AacDepacketiser(layout, unitTicks, sink),
    described: () => audio,
  };
}

function audioPlan(media: SdpMedia): TrackPlan | undefined {
  const { payloadType, clockRate, control, encoding, channels } = media;
  if (encoding === "MPEG4-GENERIC") return aacPlan(media);
  if (encoding !== "PCMA" && encoding !== "PCMU") return undefined;
  const codec = encoding === "PCMA" ? "pcma" : "pcmu";
  const codecString = encoding === "PCMA" ? "alaw" : "ulaw";
  const audio: AudioConfig = { kind: "audio", codec, clockRate, sampleRate: clockRate, channels, codecString };
  return {
    kind: "audio",
    codec,
    payloadType,
    clockRate,
    control,
    audio,
    depacketiser: (sink) => new G711Depacketiser(sink),
    described: () => audio,
  };
}

function nameOf(media: SdpMedia): string {
  return `${media.kind} ${media.encoding === "" ? `payload type ${media.payloadType}` : media.encoding}`;
}

/** Chooses the first video we can record and, when wanted, the first audio. */
export function planStream(sdp: Sdp, wantAudio: boolean): StreamPlan {
  let video: TrackPlan | undefined;
  let audio: TrackPlan | undefined;
  const leftOut: string[] = [];
  for (const media of sdp.media) {
    const plan =
      media.kind === "video" && video === undefined
        ? videoPlan(media)
        : media.kind === "audio" && audio === undefined && wantAudio
          ? audioPlan(media)
          : undefined;
    if (plan === undefined) leftOut.push(nameOf(media));
    else if (plan.kind === "video") video = plan;
    else audio = plan;
  }
  if (video === undefined) return { tracks: [], leftOut, unsupported: sdp.media.map(nameOf).join(", ") };
  return { tracks: audio === undefined ? [video] : [video, audio], leftOut, unsupported: undefined };
}
