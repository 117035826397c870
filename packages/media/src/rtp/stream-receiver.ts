import { readRtcp, type SenderReport } from "../rtcp/rtcp.ts";
import { type ChunkPool, Rope } from "../rope.ts";
import type { GapCause, StreamSink, TrackConfig, TrackSink } from "../stream.ts";
import type { Depacketiser } from "./depacketiser.ts";
import { RtpReceiver } from "./receiver.ts";
import type { TrackPlan } from "./track-plan.ts";

/** Asked once per connection, when every track's configuration is known and a key frame is there. */
export type OpenSink = (configs: readonly TrackConfig[]) => StreamSink | { readonly refused: GapCause };

/** A track's sink until the stream opens: keeps the configuration, shows video samples, forgets the rest. */
class WaitingTrack implements TrackSink {
  readonly #rope: Rope;
  readonly #seen: (rope: Rope, start: number, end: number, rtpTicks: number, key: boolean) => void;
  known: TrackConfig | undefined;

  constructor(pool: ChunkPool, seen: (rope: Rope, start: number, end: number, rtpTicks: number, key: boolean) => void) {
    this.#rope = new Rope(pool);
    this.#seen = seen;
  }

  rope(): Rope {
    return this.#rope;
  }

  sample(start: number, end: number, rtpTicks: number, key: boolean): void {
    this.#seen(this.#rope, start, end, rtpTicks, key);
    this.#rope.truncate(0);
  }

  abandon(start: number): void {
    this.#rope.truncate(start);
  }

  config(config: TrackConfig): void {
    this.known = config;
  }

  lost(): void {}
}

interface Track {
  readonly plan: TrackPlan;
  readonly waiting: WaitingTrack;
  readonly depacketiser: Depacketiser;
  readonly receiver: RtpReceiver;
  report: SenderReport | undefined;
  reportedAtMs: number;
}

/** Receives the tracks of one connection and feeds one stream sink, from the first key frame on. */
export class StreamReceiver {
  readonly #open: OpenSink;
  readonly tracks: readonly Track[];
  #sink: StreamSink | undefined;
  #nowMs = 0;
  #closed = false;
  /** Set when the sink was refused: nothing more will come of this connection. */
  refused: GapCause | undefined;
  /** Packets of no track of ours. */
  strayPackets = 0;
  onReport: (report: SenderReport) => void = () => {};

  constructor(plans: readonly TrackPlan[], pool: ChunkPool, open: OpenSink) {
    this.#open = open;
    this.tracks = plans.map((plan) => {
      const waiting = new WaitingTrack(pool, (rope, start, end, ticks, key) => {
        if (plan.kind === "video" && key) this.#begin(rope, start, end, ticks);
      });
      waiting.known = plan.audio;
      const depacketiser = plan.depacketiser(waiting);
      return { plan, waiting, depacketiser, receiver: new RtpReceiver(depacketiser), report: undefined, reportedAtMs: 0 };
    });
  }

  get opened(): boolean {
    return this.#sink !== undefined;
  }

  /** True when every track's configuration is known, from the description or the stream. */
  get configured(): boolean {
    return this.tracks.every((track) => track.waiting.known !== undefined || track.plan.described() !== undefined);
  }

  /** Configurations that hold now, as far as they are known. */
  get configs(): TrackConfig[] {
    return this.tracks.map((track) => track.depacketiser.config ?? track.plan.audio).filter((config) => config !== undefined);
  }

  get packets(): number {
    return this.tracks.reduce((sum, track) => sum + track.receiver.packets, 0);
  }

  /** Once per read, before its packets. */
  arrived(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#sink?.arrived(nowMs);
  }

  /** One RTP packet that came on a track's channel or port; its payload type decides when the channel is wrong. */
  rtp(index: number, b: Uint8Array, start: number, end: number): void {
    if (this.#closed) return;
    let track = this.tracks[index];
    if (end - start >= 12) {
      const payloadType = (b[start + 1] as number) & 127;
      if (track === undefined || track.plan.payloadType !== payloadType) {
        if (payloadType >= 72 && payloadType <= 76) {
          this.rtcp(index, b, start, end);
          return;
        }
        track = this.tracks.find((one) => one.plan.payloadType === payloadType) ?? (this.tracks.length === 1 ? track : undefined);
      }
    }
    if (track === undefined) this.strayPackets += 1;
    else track.receiver.packet(b, start, end);
  }

  /** One RTCP compound packet of a track. */
  rtcp(index: number, b: Uint8Array, start: number, end: number): void {
    const { report } = readRtcp(b, start, end);
    if (this.#closed || report === undefined) return;
    const bySource = this.tracks.findIndex((one) => one.receiver.ssrc === report.ssrc);
    const found = bySource >= 0 ? bySource : index;
    const track = this.tracks[found];
    const ticks = track?.receiver.unwrap(report.timestamp);
    if (track === undefined || ticks === undefined || report.utcMs <= 0) return;
    track.report = report;
    track.reportedAtMs = this.#nowMs;
    this.#sink?.senderReport(found, report.utcMs, ticks);
    this.onReport(report);
  }

  /** The connection is over: whole units go to the sink, then it is closed with the cause. */
  close(cause: GapCause): void {
    const sink = this.#sink;
    this.#closed = true;
    if (sink === undefined) return;
    this.#sink = undefined;
    try {
      for (const track of this.tracks) track.depacketiser.flush();
    } finally {
      sink.close(cause);
    }
  }

  #begin(rope: Rope, start: number, end: number, ticks: number): void {
    if (this.#sink !== undefined || this.refused !== undefined) return;
    const configs = this.tracks.map((track) => track.waiting.known).filter((config) => config !== undefined);
    if (configs.length < this.tracks.length) return;
    const sink = this.#open(configs);
    if ("refused" in sink) {
      this.refused = sink.refused;
      return;
    }
    this.#sink = sink;
    sink.arrived(this.#nowMs);
    this.tracks.forEach((track, i) => {
      const target = sink.tracks[i];
      const config = configs[i];
      if (target === undefined || config === undefined) return;
      target.config(config);
      track.depacketiser.divert(target);
      if (track.plan.kind === "video") this.#forward(rope, start, end, ticks, target);
      const { report } = track;
      const reportTicks = report === undefined ? undefined : track.receiver.unwrap(report.timestamp);
      if (report !== undefined && reportTicks !== undefined) sink.senderReport(i, report.utcMs, reportTicks);
    });
  }

  /** The first key frame was built in the waiting rope: the only frame that is copied twice. */
  #forward(rope: Rope, start: number, end: number, ticks: number, target: TrackSink): void {
    const own = target.rope();
    const from = own.length;
    for (const view of rope.views(start, end)) own.append(view, 0, view.length);
    target.sample(from, own.length, ticks, true);
  }
}
