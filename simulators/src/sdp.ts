import type { AudioClip, Clip } from "./clip.ts";
import type { Faults } from "./options.ts";
import { AUDIO_PAYLOAD_TYPES } from "./packets.ts";

function videoFormat(clip: Clip, late: boolean): string {
  const sets = clip.parameterSets.map((set) => set.toString("base64"));
  if (clip.codec === "h264") {
    const profile = clip.parameterSets[0]?.subarray(1, 4).toString("hex") ?? "";
    return `packetization-mode=1; profile-level-id=${profile}${late ? "" : `; sprop-parameter-sets=${sets.join(",")}`}`;
  }
  return late ? "" : `sprop-vps=${sets[0] ?? ""}; sprop-sps=${sets[1] ?? ""}; sprop-pps=${sets[2] ?? ""}`;
}

function audioLines(audio: AudioClip): string[] {
  const type = AUDIO_PAYLOAD_TYPES[audio.codec];
  const name = { aac: "mpeg4-generic/16000/1", pcma: "PCMA/8000", pcmu: "PCMU/8000" }[audio.codec];
  const lines = [`m=audio 0 RTP/AVP ${type}`, `a=rtpmap:${type} ${name}`];
  if (audio.codec === "aac") {
    lines.push(`a=fmtp:${type} streamtype=5; profile-level-id=1; mode=AAC-hbr; config=${audio.config}; sizelength=13; indexlength=3; indexdeltalength=3`);
  }
  return [...lines, "a=control:track2"];
}

/** The session description (RFC 4566) of one stream. */
export function describe(clip: Clip, audio: AudioClip | undefined, faults: Faults): string {
  const format = videoFormat(clip, faults.lateParameterSetsMs !== undefined);
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=Mingjian simulator",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "a=control:*",
    "a=range:npt=now-",
    "m=video 0 RTP/AVP 96",
    `a=rtpmap:96 ${clip.codec.toUpperCase()}/90000`,
    ...(format === "" ? [] : [`a=fmtp:96 ${format}`]),
    `a=framerate:25`,
    "a=control:track1",
    ...(audio === undefined ? [] : audioLines(audio)),
  ];
  const text = `${lines.join("\r\n")}\r\n`;
  const missing = (faults.sdpBytes ?? 0) - text.length;
  return missing > 0 ? `${text}${`a=x-padding:${"0".repeat(84)}\r\n`.repeat(Math.ceil(missing / 98))}` : text;
}
