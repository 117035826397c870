import type { StreamId } from "@mingjian/vocab";
import type { Chains, TimelineIndexer } from "../timeline/index.ts";
import type { Logger } from "./log.ts";

const RETRY_MS = 2_000;

/**
 * Keeps the index up with the chains: told of an entry it reads on; when the database is away it tries again until the
 * index has caught up. Recording never waits for it.
 */
export class Indexer {
  readonly #timeline: TimelineIndexer;
  readonly #chains: Chains;
  readonly #log: Logger;
  readonly #head = new Map<StreamId, number>();
  readonly #indexed = new Map<StreamId, number>();
  readonly #queue = new Set<StreamId>();
  #running = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeline: TimelineIndexer, chains: Chains, log: Logger) {
    this.#timeline = timeline;
    this.#chains = chains;
    this.#log = log;
  }

  /** Entries known to be in chains and not yet in the index. */
  get lag(): number {
    let lag = 0;
    for (const [stream, head] of this.#head) lag += Math.max(0, head - (this.#indexed.get(stream) ?? 0));
    return lag;
  }

  /** An entry is durable in the stream's chain. */
  heard(stream: StreamId, seq: number): void {
    this.#head.set(stream, Math.max(seq, this.#head.get(stream) ?? 0));
    this.want(stream);
  }

  want(stream: StreamId): void {
    this.#queue.add(stream);
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    while (!this.#stopped) {
      const [stream] = this.#queue;
      if (stream === undefined) break;
      this.#queue.delete(stream);
      try {
        this.#indexed.set(stream, await this.#timeline.catchUp(stream, this.#chains));
      } catch (error) {
        this.#queue.add(stream);
        this.#log.warn({ stream, error: error instanceof Error ? error.message : String(error) }, "index waits");
        this.#timer = setTimeout(() => void this.#run(), RETRY_MS);
        break;
      }
    }
    this.#running = false;
  }
}
