import type { Socket as UdpSocket } from "node:dgram";
import type { AudioClip, Clip } from "./clip.ts";
import { loadAudio, loadClip } from "./clip.ts";
import type { CameraOptions, Faults } from "./options.ts";
import { phaseMs } from "./options.ts";
import type { PreparedTrack } from "./packets.ts";
import { prepareAudio, prepareVideo } from "./packets.ts";
import type { Sender, SentCounts } from "./sender.ts";
import type { Session } from "./session.ts";

/** What a session knows of the server it belongs to. */
export interface Station {
  readonly udp: { rtp: UdpSocket; rtcp: UdpSocket };
  readonly sessions: Set<Session>;
  find(url: string): { camera: Camera; channel: Channel } | undefined;
  /** UTC milliseconds that never step. */
  nowMs(): number;
}

/** One stream of one camera, and everyone who plays it. */
export class Channel {
  readonly clip: Clip;
  readonly videoTrack: PreparedTrack;
  readonly otherVideoTrack: PreparedTrack | undefined;
  readonly audio: AudioClip | undefined;
  readonly audioTrack: PreparedTrack | undefined;
  readonly senders = new Set<Sender>();
  /** Every session there was since the start, oldest first. */
  readonly history: SentCounts[] = [];
  readonly #onPlaying: () => void;

  constructor(clip: Clip, other: Clip | undefined, audio: AudioClip | undefined, onPlaying: () => void) {
    this.clip = clip;
    this.videoTrack = prepareVideo(clip);
    this.otherVideoTrack = other === undefined || other.codec !== clip.codec ? undefined : prepareVideo(other);
    this.audio = audio;
    this.audioTrack = audio === undefined ? undefined : prepareAudio(audio);
    this.#onPlaying = onPlaying;
  }

  join(sender: Sender): void {
    if (!this.senders.has(sender)) this.history.push(sender.counts);
    this.senders.add(sender);
    this.#onPlaying();
  }

  leave(sender: Sender): void {
    this.senders.delete(sender);
  }
}

export class Camera {
  readonly number: number;
  readonly options: CameraOptions;
  readonly phaseMs: number;
  readonly main: Channel;
  readonly sub: Channel;
  readonly sessions = new Set<Session>();
  faults: Faults;

  constructor(number: number, options: CameraOptions, onPlaying: (camera: Camera) => void) {
    this.number = number;
    this.options = options;
    this.faults = options.faults;
    this.phaseMs = phaseMs(number);
    const main = loadClip(options.clip);
    const sub = loadClip(options.sub);
    const audio = options.audio === "none" ? undefined : audioOf(options.audio);
    this.main = new Channel(main, sub, audio, () => onPlaying(this));
    this.sub = new Channel(sub, undefined, undefined, () => onPlaying(this));
  }

  get playing(): boolean {
    return this.main.senders.size > 0 || this.sub.senders.size > 0;
  }

  advance(nowMs: number): void {
    for (const sender of this.main.senders) sender.advance(nowMs);
    for (const sender of this.sub.senders) sender.advance(nowMs);
  }
}

const audioClips = new Map<string, AudioClip>();

function audioOf(name: Exclude<CameraOptions["audio"], "none">): AudioClip {
  let clip = audioClips.get(name);
  if (clip === undefined) audioClips.set(name, (clip = loadAudio(name)));
  return clip;
}
