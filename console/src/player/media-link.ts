import { readMediaHeader } from "@mingjian/contract";
import type { ClientMessage, MediaHeader, ServerMessage } from "@mingjian/contract";
import { MEDIA_HEADER_BYTES } from "@mingjian/contract";
import { parseServerMessage } from "./messages.ts";

export interface MediaLinkEvents {
  readonly onMessage: (message: ServerMessage) => void;
  readonly onMedia: (header: MediaHeader, payload: Uint8Array<ArrayBuffer>) => void;
  /** Once, after the socket closed by itself; not after `close()`. */
  readonly onClosed: () => void;
}

/** One media socket: parsed messages out, client messages in. */
export class MediaLink {
  readonly #socket: WebSocket;
  #closed = false;

  constructor(url: string, events: MediaLinkEvents) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#closed) return;
      if (typeof event.data === "string") {
        const message = parseServerMessage(event.data);
        if (message !== undefined) events.onMessage(message);
      } else if (event.data instanceof ArrayBuffer) {
        const bytes = new Uint8Array(event.data);
        const header = readMediaHeader(bytes);
        if (header !== undefined) events.onMedia(header, bytes.subarray(MEDIA_HEADER_BYTES));
      }
    };
    this.#socket.onclose = () => {
      if (this.#closed) return;
      this.#closed = true;
      events.onClosed();
    };
  }

  send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }
}
