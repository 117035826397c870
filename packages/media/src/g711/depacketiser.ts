import type { Depacketiser } from "../rtp/depacketiser.ts";
import type { TrackSink } from "../stream.ts";

/** RTP payload of G.711 A-law and mu-law (RFC 3551 4.5.14): a packet is a run of audio, a byte a sample. */
export class G711Depacketiser implements Depacketiser {
  samples = 0;
  readonly malformed = 0;
  damaged = 0;
  #sink: TrackSink;

  constructor(sink: TrackSink) {
    this.#sink = sink;
  }

  packet(b: Uint8Array, start: number, end: number, ticks: number, _marker: boolean, lost: number): void {
    if (lost > 0) this.#sink.lost(lost);
    if (start >= end) return;
    const rope = this.#sink.rope();
    const from = rope.length;
    rope.append(b, start, end);
    this.samples += 1;
    this.#sink.sample(from, rope.length, ticks, true);
  }

  divert(sink: TrackSink): void {
    this.#sink = sink;
  }

  flush(): void {}
}
