/** What a Session header says (RFC 2326 12.37). */
export interface SessionHeader {
  readonly id: string;
  /** Undefined when not said: what was said before still holds. */
  readonly timeoutMs: number | undefined;
}

/** Holds when the camera never says another. */
export const SESSION_TIMEOUT_MS = 60_000;

/** Reads a Session header; a silly timeout counts as none. */
export function parseSession(value: string): SessionHeader | undefined {
  const parts = value.split(";");
  const id = (parts[0] ?? "").trim();
  if (id === "" || id.length > 256 || !/^[\x21-\x7e]+$/.test(id)) return undefined;
  const timeout = parts
    .slice(1)
    .map((part) => /^\s*timeout\s*=\s*"?(\d+)/i.exec(part)?.[1])
    .find((found) => found !== undefined);
  const seconds = Number(timeout ?? "0");
  return { id, timeoutMs: seconds >= 1 && seconds <= 3600 ? seconds * 1000 : undefined };
}

/** What of a Transport header (RFC 2326 12.39) we use; the first transport of a list. */
export interface TransportHeader {
  readonly tcp: boolean;
  readonly interleaved: readonly [rtp: number, rtcp: number] | undefined;
  readonly serverPorts: readonly [rtp: number, rtcp: number] | undefined;
  readonly source: string | undefined;
}

function pair(text: string | undefined, max: number): readonly [number, number] | undefined {
  const parts = /^(\d+)(?:-(\d+))?$/.exec(text ?? "");
  if (parts === null) return undefined;
  const first = Number(parts[1]);
  const second = parts[2] === undefined ? first + 1 : Number(parts[2]);
  return first <= max && second <= max ? [first, second] : undefined;
}

export function parseTransport(value: string): TransportHeader {
  const fields = (value.split(",")[0] ?? "").split(";").map((field) => field.trim());
  const of = (name: string): string | undefined => fields.find((field) => field.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  return {
    tcp: /\/TCP$/i.test(fields[0] ?? ""),
    interleaved: pair(of("interleaved"), 255),
    serverPorts: pair(of("server_port"), 65_535),
    source: of("source"),
  };
}
