/** Bytes of a request's head at most; a client that sends more is disconnected. */
export const REQUEST_BYTES_MAX = 65_536;

export interface Request {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Takes a client's bytes apart into requests (RFC 2326 6), leaving out interleaved RTCP. */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Returns `overflow` when the head is longer than the limit. */
  push(bytes: Buffer, heard: { request(request: Request): void; rtcp(): void }): "ok" | "overflow" {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      if (this.#rest[0] === 0x24) {
        if (this.#rest.length < 4) return "ok";
        const end = 4 + this.#rest.readUInt16BE(2);
        if (this.#rest.length < end) return "ok";
        this.#rest = this.#rest.subarray(end);
        heard.rtcp();
        continue;
      }
      const end = this.#rest.indexOf("\r\n\r\n");
      if (end < 0) return this.#rest.length > REQUEST_BYTES_MAX ? "overflow" : "ok";
      const request = parseRequest(this.#rest.toString("latin1", 0, end));
      const after = end + 4 + Number(request.headers.get("content-length") ?? 0);
      if (this.#rest.length < after) return after > REQUEST_BYTES_MAX ? "overflow" : "ok";
      this.#rest = this.#rest.subarray(after);
      heard.request(request);
    }
  }
}

function parseRequest(text: string): Request {
  const [first = "", ...lines] = text.split("\r\n");
  const [method = "", url = ""] = first.trim().split(/\s+/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method: method.toUpperCase(), url, headers };
}
