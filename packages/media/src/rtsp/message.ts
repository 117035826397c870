import { latin1Text, utf8Bytes } from "../text.ts";

/** Bytes of a message's first line and headers. */
export const HEAD_BYTES_MAX = 16 * 1024;
/** Headers of one message. */
export const HEADERS_MAX = 64;

/** One RTSP message from the camera (RFC 2326 6, 7). */
export interface RtspMessage {
  /** Set for a response. */
  readonly status: number | undefined;
  readonly reason: string;
  /** Set for a request of the camera's. */
  readonly method: string | undefined;
  /** Names in lower case; a repeated header keeps each value. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** A message's head without its body; undefined when the first line is of no message. */
export interface RtspHead extends Omit<RtspMessage, "body"> {
  readonly bodyBytes: number;
}

export function headerOf(message: Pick<RtspMessage, "headers">, name: string): string | undefined {
  return message.headers.find((header) => header[0] === name)?.[1];
}

export function headersOf(message: Pick<RtspMessage, "headers">, name: string): string[] {
  return message.headers.filter((header) => header[0] === name).map((header) => header[1]);
}

/** Reads lines without their ends. A folded line continues the header before it. */
export function parseHead(lines: readonly string[]): RtspHead | undefined {
  const first = lines[0] ?? "";
  const response = /^RTSP\/\d\.\d\s+(\d{3})\s*(.*)$/.exec(first);
  const request = response === null ? /^([A-Z_]{3,20})\s+\S+(?:\s+RTSP\/\d\.\d)?\s*$/.exec(first) : null;
  if (response === null && request === null) return undefined;
  const headers: [string, string][] = [];
  for (const line of lines.slice(1)) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last[1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    if (colon > 0 && headers.length < HEADERS_MAX) headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
  const length = Number(headers.find((header) => header[0] === "content-length")?.[1] ?? "0");
  return {
    status: response === null ? undefined : Number(response[1]),
    reason: response?.[2] ?? "",
    method: request?.[1],
    headers,
    bodyBytes: Number.isSafeInteger(length) && length > 0 ? length : 0,
  };
}

/** A request with its headers in the order given; line breaks inside a value are taken out. */
export function writeRequest(method: string, url: string, headers: readonly (readonly [string, string])[]): Uint8Array {
  const lines = headers.map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, " ")}\r\n`);
  return utf8Bytes(`${method} ${url} RTSP/1.0\r\n${lines.join("")}\r\n`);
}

/** The plain answer to a request of the camera's. */
export function writeResponse(cseq: string | undefined, session: string | undefined): Uint8Array {
  const clean = (value: string): string => value.replace(/[\r\n]+/g, " ");
  const headers = (cseq === undefined ? "" : `CSeq: ${clean(cseq)}\r\n`) + (session === undefined ? "" : `Session: ${clean(session)}\r\n`);
  return utf8Bytes(`RTSP/1.0 200 OK\r\n${headers}\r\n`);
}

export function bodyText(message: RtspMessage): string {
  return latin1Text(message.body);
}
