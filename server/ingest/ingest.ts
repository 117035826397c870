import { ChunkPool } from "@mingjian/media";
import type { StreamId } from "@mingjian/vocab";
import type { Chance, Clock, Net } from "../ports/index.ts";
import { Beat } from "./beat.ts";
import type { IngestLog, Sinks } from "./needs.ts";
import type { StreamSource, StreamState } from "./source.ts";
import { IngestStream, type StreamDoors } from "./stream.ts";

export interface IngestDoors {
  readonly net: Net;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly sinks: Sinks;
  readonly log: IngestLog;
  /** Shared with the sinks' ropes; one of its own otherwise. */
  readonly pool?: ChunkPool;
}

/** Receives every stream it is told to. */
export interface Ingest {
  /** The whole list of what is wanted from now on: starts, stops and restarts what differs from before. */
  apply(sources: readonly StreamSource[]): void;
  /** Somebody watches: the stream is read as its bytes come, not on the beat. */
  watch(stream: StreamId, on: boolean): void;
  /** The stream's sink is full: it is not read until released, and TCP pushes back. */
  hold(stream: StreamId, on: boolean): void;
  states(): StreamState[];
  /** Told each time a stream's `state` changes; returns how to stop it. */
  onState(listener: (state: StreamState) => void): () => void;
  /** Ends every stream with the cause `our-restart`. */
  stop(): Promise<void>;
}

function sameSource(a: StreamSource, b: StreamSource): boolean {
  return JSON.stringify([a.url, a.user, a.password, a.transport, a.tls, a.audio]) === JSON.stringify([b.url, b.user, b.password, b.transport, b.tls, b.audio]);
}

class IngestRoom implements Ingest {
  readonly #doors: StreamDoors;
  readonly #beat: Beat;
  readonly #streams = new Map<StreamId, IngestStream>();
  readonly #watched = new Set<StreamId>();
  readonly #listeners = new Set<(state: StreamState) => void>();
  readonly #ending = new Set<Promise<void>>();

  constructor(doors: IngestDoors) {
    this.#doors = { ...doors, pool: doors.pool ?? new ChunkPool() };
    this.#beat = new Beat(doors.clock);
  }

  apply(sources: readonly StreamSource[]): void {
    const wanted = new Map(sources.filter((source) => source.enabled).map((source) => [source.stream, source]));
    for (const [id, stream] of this.#streams) {
      const source = wanted.get(id);
      if (source === undefined || !sameSource(source, stream.source)) this.#end(id, stream);
    }
    for (const [id, source] of wanted) {
      if (this.#streams.has(id)) continue;
      const stream = new IngestStream(source, this.#doors, (changed) => this.#tell(changed));
      this.#streams.set(id, stream);
      stream.watch(this.#watched.has(id));
      this.#beat.add(stream);
      stream.start();
    }
  }

  watch(stream: StreamId, on: boolean): void {
    if (on) this.#watched.add(stream);
    else this.#watched.delete(stream);
    this.#streams.get(stream)?.watch(on);
  }

  hold(stream: StreamId, on: boolean): void {
    this.#streams.get(stream)?.hold(on);
  }

  states(): StreamState[] {
    return [...this.#streams.values()].map((stream) => stream.state());
  }

  onState(listener: (state: StreamState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    for (const [id, stream] of this.#streams) this.#end(id, stream, "our-restart");
    await Promise.all(this.#ending);
  }

  /** The stream leaves the list at once; its connection keeps its beat until the camera has answered. */
  #end(id: StreamId, stream: IngestStream, cause: "switched-off" | "our-restart" = "switched-off"): void {
    this.#streams.delete(id);
    const ending = stream.stop(cause).then(() => {
      this.#beat.remove(stream);
      this.#ending.delete(ending);
    });
    this.#ending.add(ending);
  }

  #tell(stream: IngestStream): void {
    if (this.#listeners.size === 0) return;
    const state = stream.state();
    for (const listener of this.#listeners) {
      try {
        listener(state);
      } catch (error) {
        this.#doors.log.error({ stream: stream.source.stream, error: String(error) }, "a listener of stream states failed");
      }
    }
  }
}

export function createIngest(doors: IngestDoors): Ingest {
  return new IngestRoom(doors);
}
