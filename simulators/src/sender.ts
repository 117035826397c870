import { FRAME_MS, GOP_FRAMES } from "./clip.ts";
import { Mangler, touchesMedia } from "./mangle.ts";
import type { Faults } from "./options.ts";
import type { PreparedTrack } from "./packets.ts";
import { FRAMING_BYTES, nextKey, stamp } from "./packets.ts";
import { senderReport } from "./rtcp.ts";

/** A client that leaves so many bytes unread loses frames until the next key frame, as with a real camera. */
export const BACKLOG_BYTES_MAX = 4 * 1024 * 1024;
const SENDER_REPORT_EVERY_FRAMES = 125;

/** Where one track's packets of one session go. */
export interface Lane {
  /** Writes whole packets with framing, made for `track.channel`. Returns true when the bytes may still be in use afterwards. */
  send(bytes: Buffer, starts: readonly number[]): boolean;
  report(packet: Buffer): void;
  backlogBytes(): number;
}

/** What one session was sent; the reference for "frames missing". */
export interface SentCounts {
  frames: number;
  packets: number;
  bytes: number;
  /** Frames left out because the client did not read. */
  skippedFrames: number;
  firstFrame: number;
  lastFrame: number;
}

export interface SenderSettings {
  readonly phaseMs: number;
  readonly video: PreparedTrack | undefined;
  /** The picture of the other size, for a change of resolution. */
  readonly otherVideo: PreparedTrack | undefined;
  readonly audio: PreparedTrack | undefined;
  readonly faults: Faults;
  readonly begin: "next-key" | "last-key";
  readonly codec: "h264" | "h265";
}

/** Sends one stream of one camera to one client, in step with the camera's clock. */
export class Sender {
  readonly counts: SentCounts = { frames: 0, packets: 0, bytes: 0, skippedFrames: 0, firstFrame: -1, lastFrame: -1 };
  readonly #settings: SenderSettings;
  readonly #videoLane: Lane | undefined;
  readonly #audioLane: Lane | undefined;
  readonly #mangler: Mangler | undefined;
  readonly #startedMs: number;
  #nextFrame: number;
  #nextAudio: number;
  #otherPicture = false;
  #audioPackets = 0;
  #audioBytes = 0;

  constructor(settings: SenderSettings, lanes: { video: Lane | undefined; audio: Lane | undefined }, nowMs: number) {
    this.#settings = settings;
    this.#videoLane = lanes.video;
    this.#audioLane = lanes.audio;
    this.#startedMs = nowMs;
    this.#mangler = touchesMedia(settings.faults) ? new Mangler(settings.faults, settings.codec) : undefined;
    const atKey = nextKey(this.#frameAt(nowMs) + 1);
    this.#nextFrame = settings.begin === "last-key" ? atKey - GOP_FRAMES : atKey;
    this.#nextAudio = settings.audio === undefined ? 0 : Math.ceil((this.#nextFrame * FRAME_MS) / settings.audio.unitMs);
  }

  /** For RTP-Info: what the first packet of a track will carry. */
  first(kind: "video" | "audio"): { sequence: number; timestamp: number } {
    const track = kind === "video" ? this.#settings.video : this.#settings.audio;
    if (track === undefined) return { sequence: 0, timestamp: 0 };
    const index = kind === "video" ? this.#nextFrame : this.#nextAudio;
    const unit = unitAt(track, index);
    const loop = Math.floor(index / track.units.length);
    return {
      sequence: this.#mangler !== undefined && kind === "video" ? 1 : (loop * track.packetsPerLoop + unit.firstPacket) % 65_536,
      timestamp: ((loop * track.units.length + unit.shownAt) * track.unitTicks) % 2 ** 32,
    };
  }

  /** Sends all that is due by now. */
  advance(nowMs: number): void {
    const silentAfterMs = this.#settings.faults.silentAfterMs;
    if (silentAfterMs !== undefined && nowMs - this.#startedMs > silentAfterMs) return;
    const due = this.#frameAt(nowMs);
    if (this.#videoLane !== undefined && this.#videoLane.backlogBytes() > BACKLOG_BYTES_MAX) {
      const resume = nextKey(due + 1);
      this.counts.skippedFrames += resume - this.#nextFrame;
      this.#nextFrame = resume;
      return;
    }
    while (this.#nextFrame <= due) {
      this.#sendVideo(this.#nextFrame, nowMs);
      this.#nextFrame += 1;
    }
    this.#sendAudio(nowMs);
  }

  #frameAt(nowMs: number): number {
    return Math.floor((nowMs - this.#settings.phaseMs) / FRAME_MS);
  }

  #sendVideo(frame: number, nowMs: number): void {
    const lane = this.#videoLane;
    const { video, otherVideo, faults } = this.#settings;
    if (lane === undefined || video === undefined) return;
    if (faults.resolutionChangeMs !== undefined && otherVideo !== undefined && frame % GOP_FRAMES === 0) {
      this.#otherPicture = Math.floor((nowMs - this.#startedMs) / faults.resolutionChangeMs) % 2 === 1;
    }
    const track = this.#otherPicture && otherVideo !== undefined ? otherVideo : video;
    const unit = unitAt(track, frame);
    let bytes = stamp(track, unit, Math.floor(frame / track.units.length));
    let starts = unit.starts;
    if (this.#mangler === undefined) {
      if (lane.send(bytes, starts)) unit.held = true;
    } else {
      ({ bytes, starts } = this.#mangler.frame(track, bytes, starts, nowMs - this.#startedMs));
      if (bytes.length > 0) lane.send(bytes, starts);
    }
    const counts = this.counts;
    if (counts.frames === 0) counts.firstFrame = frame;
    counts.lastFrame = frame;
    counts.frames += 1;
    counts.packets += starts.length;
    counts.bytes += bytes.length;
    if (counts.frames % SENDER_REPORT_EVERY_FRAMES === 1 && faults.noSenderReports !== true) {
      lane.report(this.#report(track, frame * FRAME_MS, counts.packets, counts.bytes));
    }
  }

  #sendAudio(nowMs: number): void {
    const lane = this.#audioLane;
    const track = this.#settings.audio;
    if (lane === undefined || track === undefined) return;
    const due = Math.floor((nowMs - this.#settings.phaseMs) / track.unitMs);
    for (; this.#nextAudio <= due; this.#nextAudio += 1) {
      const unit = unitAt(track, this.#nextAudio);
      const bytes = stamp(track, unit, Math.floor(this.#nextAudio / track.units.length));
      if (lane.send(bytes, unit.starts)) unit.held = true;
      this.#audioPackets += 1;
      this.#audioBytes += bytes.length;
      if (this.#audioPackets % SENDER_REPORT_EVERY_FRAMES === 1 && this.#settings.faults.noSenderReports !== true) {
        lane.report(this.#report(track, this.#nextAudio * track.unitMs, this.#audioPackets, this.#audioBytes));
      }
    }
  }

  /** Says that the instant of the camera's clock mediaMs after 1970 is utc = mediaMs + phase. */
  #report(track: PreparedTrack, mediaMs: number, packets: number, bytes: number): Buffer {
    const utcMs = mediaMs + this.#settings.phaseMs + (this.#settings.faults.clockOffsetMs ?? 0);
    const delay = track.kind === "video" ? unitAt(track, 0).shownAt * track.unitTicks : 0;
    const timestamp = (Math.round((mediaMs * track.clockRate) / 1000) + delay) % 2 ** 32;
    return senderReport({
      ssrc: track.ssrc,
      utcMs,
      timestamp,
      packets,
      bytes: bytes - packets * FRAMING_BYTES,
      channel: track.channel + 1,
    });
  }
}

function unitAt(track: PreparedTrack, index: number): PreparedTrack["units"][number] {
  const unit = track.units[index % track.units.length];
  if (unit === undefined) throw new Error("a clip without frames");
  return unit;
}
