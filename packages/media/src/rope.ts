/** Bytes in one chunk of a pool. */
export const CHUNK_BYTES = 65_536;

/** Chunks kept for reuse beyond those in use (256 MiB); more are left to the garbage collector. */
export const POOL_IDLE_CHUNKS_MAX = 4_096;
/** After so many takes, what lay idle all that while is let go. */
export const POOL_TRIM_TAKES = 8_192;

/**
 * Equal chunks shared by all ropes of a process, so that memory follows what is in flight, not the number of cameras.
 * New chunks cost page faults and collection, so what was given back is kept for as long as it is taken again.
 */
export class ChunkPool {
  readonly #idle: Uint8Array[] = [];
  #leastIdle = 0;
  #takes = 0;

  take(): Uint8Array {
    this.#takes += 1;
    if (this.#takes >= POOL_TRIM_TAKES) {
      this.#idle.length -= this.#leastIdle;
      this.#leastIdle = this.#idle.length;
      this.#takes = 0;
    }
    const chunk = this.#idle.pop();
    if (this.#idle.length < this.#leastIdle) this.#leastIdle = this.#idle.length;
    return chunk ?? new Uint8Array(CHUNK_BYTES);
  }

  give(chunk: Uint8Array): void {
    if (this.#idle.length < POOL_IDLE_CHUNKS_MAX) this.#idle.push(chunk);
  }
}

/**
 * Bytes appended once and read back in order, in chunks of a pool. Positions count from the last `clear`.
 * The hot path of every stream: no allocation but a chunk now and then.
 */
export class Rope {
  readonly #pool: ChunkPool;
  #chunks: Uint8Array[] = [];
  /** Chunks given back from the front; positions go on counting over them. */
  #dropped = 0;
  #length = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  get length(): number {
    return this.#length;
  }

  /** Appends source[start, end). */
  append(source: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end) {
      const at = this.#length % CHUNK_BYTES;
      if (at === 0) this.#chunks.push(this.#pool.take());
      const chunk = this.#chunks[this.#chunks.length - 1] as Uint8Array;
      const take = Math.min(end - from, CHUNK_BYTES - at);
      if (take === source.length) chunk.set(source, at);
      else chunk.set(source.subarray(from, from + take), at);
      from += take;
      this.#length += take;
    }
  }

  appendByte(value: number): void {
    const at = this.#length % CHUNK_BYTES;
    if (at === 0) this.#chunks.push(this.#pool.take());
    (this.#chunks[this.#chunks.length - 1] as Uint8Array)[at] = value;
    this.#length += 1;
  }

  /** Appends 32 bits, most significant byte first, and returns their position for a later patch. */
  appendU32(value: number): number {
    const position = this.#length;
    this.appendByte((value >>> 24) & 255);
    this.appendByte((value >>> 16) & 255);
    this.appendByte((value >>> 8) & 255);
    this.appendByte(value & 255);
    return position;
  }

  patchU32(position: number, value: number): void {
    for (let i = 0; i < 4; i++) {
      const at = position + i;
      (this.#chunks[Math.floor(at / CHUNK_BYTES) - this.#dropped] as Uint8Array)[at % CHUNK_BYTES] = (value >>> (24 - 8 * i)) & 255;
    }
  }

  byteAt(position: number): number {
    return (this.#chunks[Math.floor(position / CHUNK_BYTES) - this.#dropped] as Uint8Array)[position % CHUNK_BYTES] as number;
  }

  /** Cuts the rope back to `length` bytes; the rest is forgotten. */
  truncate(length: number): void {
    const keep = Math.max(Math.ceil(length / CHUNK_BYTES) - this.#dropped, 0);
    while (this.#chunks.length > keep) this.#pool.give(this.#chunks.pop() as Uint8Array);
    this.#length = length;
  }

  /** Views of the bytes [start, end) in order; valid until the rope is truncated or cleared. */
  views(start = 0, end = this.#length): Uint8Array[] {
    const views: Uint8Array[] = [];
    let from = start;
    while (from < end) {
      const at = from % CHUNK_BYTES;
      const take = Math.min(end - from, CHUNK_BYTES - at);
      views.push((this.#chunks[Math.floor(from / CHUNK_BYTES) - this.#dropped] as Uint8Array).subarray(at, at + take));
      from += take;
    }
    return views;
  }

  copyTo(target: Uint8Array, targetStart: number, start: number, end: number): void {
    let at = targetStart;
    for (const view of this.views(start, end)) {
      target.set(view, at);
      at += view.length;
    }
  }

  /** Gives back the chunks that lie wholly before `position`. Bytes before it must not be read again. */
  dropFront(position: number): void {
    const drop = Math.floor(position / CHUNK_BYTES) - this.#dropped;
    if (drop <= 0) return;
    for (const chunk of this.#chunks.splice(0, drop)) this.#pool.give(chunk);
    this.#dropped += drop;
  }

  clear(): void {
    this.truncate(0);
    this.#dropped = 0;
  }
}
