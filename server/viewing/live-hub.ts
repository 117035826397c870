import type { StreamId } from "@mingjian/vocab";
import type { LiveEvent, LiveFrames } from "./needs.ts";

/** A GOP longer than this many bytes is not kept for newcomers; they wait for the next key frame. */
export const GOP_CACHE_BYTES_MAX = 16 * 1024 * 1024;
/** Frames kept of one GOP. */
export const GOP_CACHE_FRAMES_MAX = 3_000;

type Listener = (event: LiveEvent) => void;

interface Channel {
  readonly listeners: Set<Listener>;
  readonly stop: () => void;
  init: LiveEvent | undefined;
  waiting: LiveEvent | undefined;
  gop: LiveEvent[];
  gopBytes: number;
}

/**
 * Fans one tap out to all viewers of a stream. Keeps the GOP so far, so that a newcomer's picture is there at once,
 * without asking the recorder again.
 */
export class LiveHub implements LiveFrames {
  readonly #source: LiveFrames;
  readonly #channels = new Map<StreamId, Channel>();

  constructor(source: LiveFrames) {
    this.#source = source;
  }

  /** Streams somebody watches now. */
  get watched(): number {
    return this.#channels.size;
  }

  watch(stream: StreamId, listener: Listener): () => void {
    let channel = this.#channels.get(stream);
    if (channel === undefined) {
      channel = this.#open(stream);
    } else {
      if (channel.init !== undefined) listener(channel.init);
      for (const event of channel.gop) listener(event);
      if (channel.waiting !== undefined) listener(channel.waiting);
    }
    const joined = channel;
    joined.listeners.add(listener);
    return () => {
      if (!joined.listeners.delete(listener) || joined.listeners.size > 0) return;
      this.#channels.delete(stream);
      joined.stop();
    };
  }

  #open(stream: StreamId): Channel {
    const channel: Channel = { listeners: new Set(), stop: () => stop(), init: undefined, waiting: undefined, gop: [], gopBytes: 0 };
    this.#channels.set(stream, channel);
    const stop = this.#source.watch(stream, (event) => {
      remember(channel, event);
      for (const listener of channel.listeners) listener(event);
    });
    return channel;
  }
}

function remember(channel: Channel, event: LiveEvent): void {
  if (event.kind === "waiting") {
    channel.waiting = event;
    return;
  }
  channel.waiting = undefined;
  if (event.kind === "init") {
    channel.init = event;
    channel.gop = [];
    channel.gopBytes = 0;
    return;
  }
  if (event.key) {
    channel.gop = [];
    channel.gopBytes = 0;
  } else if (channel.gop.length === 0) return;
  if (channel.gopBytes + event.bytes.length > GOP_CACHE_BYTES_MAX || channel.gop.length >= GOP_CACHE_FRAMES_MAX) {
    channel.gop = [];
    channel.gopBytes = 0;
    return;
  }
  channel.gop.push(event);
  channel.gopBytes += event.bytes.length;
}
