import type { Duplex } from "node:stream";

/** A frame over 64 MiB is not ours. */
export const LINK_FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** One message between the main process and the recorder: facts as JSON, and bytes that need no parsing. */
export interface LinkMessage {
  readonly t: string;
  readonly [field: string]: unknown;
}

/**
 * Messages over a pipe: u32 length of the rest, u32 length of the JSON, JSON, bytes.
 * The other side is our own process; a frame that does not parse ends the link.
 */
export class Link {
  readonly #pipe: Duplex;
  #carry: Buffer[] = [];
  #carried = 0;
  #need = 4;

  constructor(pipe: Duplex, onMessage: (message: LinkMessage, bytes: Uint8Array) => void, onEnd: (error?: Error) => void) {
    this.#pipe = pipe;
    let ended = false;
    const end = (error?: Error): void => {
      if (ended) return;
      ended = true;
      onEnd(error);
    };
    pipe.on("data", (chunk: Buffer) => {
      try {
        this.#take(chunk, onMessage);
      } catch (error) {
        pipe.destroy();
        end(error instanceof Error ? error : new Error(String(error)));
      }
    });
    pipe.on("error", (error: Error) => end(error));
    pipe.on("close", () => end());
  }

  /** Bytes waiting to be taken by the other side. */
  get waitingBytes(): number {
    return this.#pipe.writableLength;
  }

  send(message: LinkMessage, bytes?: Uint8Array): void {
    if (this.#pipe.destroyed || !this.#pipe.writable) return;
    const json = Buffer.from(JSON.stringify(message), "utf8");
    const head = Buffer.allocUnsafe(8);
    head.writeUInt32BE(4 + json.length + (bytes?.length ?? 0), 0);
    head.writeUInt32BE(json.length, 4);
    this.#pipe.cork();
    this.#pipe.write(head);
    this.#pipe.write(json);
    if (bytes !== undefined && bytes.length > 0) this.#pipe.write(bytes);
    this.#pipe.uncork();
  }

  close(): void {
    this.#pipe.end();
  }

  #take(chunk: Buffer, onMessage: (message: LinkMessage, bytes: Uint8Array) => void): void {
    this.#carry.push(chunk);
    this.#carried += chunk.length;
    while (this.#carried >= this.#need) {
      const all = this.#carry.length === 1 ? (this.#carry[0] as Buffer) : Buffer.concat(this.#carry);
      const length = all.readUInt32BE(0);
      if (length < 4 || length > LINK_FRAME_BYTES_MAX) throw new Error(`link frame of ${length} bytes`);
      if (all.length < 4 + length) {
        this.#carry = [all];
        this.#need = 4 + length;
        return;
      }
      const jsonLength = all.readUInt32BE(4);
      if (jsonLength > length - 4) throw new Error(`link words of ${jsonLength} bytes in a frame of ${length}`);
      const message = JSON.parse(all.toString("utf8", 8, 8 + jsonLength)) as LinkMessage;
      const bytes = all.subarray(8 + jsonLength, 4 + length);
      const rest = all.subarray(4 + length);
      this.#carry = rest.length > 0 ? [rest] : [];
      this.#carried = rest.length;
      this.#need = 4;
      onMessage(message, bytes);
    }
  }
}
