/** A URL of RTSP (RFC 2326 3.2) in parts; credentials are kept apart so that nothing prints them by accident. */
export interface RtspUrl {
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query with the leading slash; may be empty. */
  readonly path: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export const RTSP_PORT = 554;
export const RTSPS_PORT = 322;
/** Characters of one URL. */
export const URL_CHARACTERS_MAX = 2048;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Undefined when the text is not an rtsp or rtsps URL, or holds characters that could break a request line. */
export function parseRtspUrl(text: string): RtspUrl | undefined {
  if (text.length > URL_CHARACTERS_MAX || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  const parts = /^(rtsps?):\/\/([^/?#]*)([^#]*)/i.exec(text);
  if (parts === null) return undefined;
  const secure = (parts[1] ?? "").toLowerCase() === "rtsps";
  const authority = parts[2] ?? "";
  const at = authority.lastIndexOf("@");
  const place = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]@]+))(?::(\d{1,5}))?$/.exec(authority.slice(at + 1));
  if (place === null) return undefined;
  const host = place[1] ?? place[2] ?? "";
  const port = place[3] === undefined ? (secure ? RTSPS_PORT : RTSP_PORT) : Number(place[3]);
  if (port < 1 || port > 65_535) return undefined;
  const credentials = at < 0 ? "" : authority.slice(0, at);
  const colon = credentials.indexOf(":");
  const user = colon < 0 ? credentials : credentials.slice(0, colon);
  const rest = parts[3] ?? "";
  return {
    secure,
    host,
    port,
    path: rest.startsWith("?") ? `/${rest}` : rest,
    user: at < 0 ? undefined : decoded(user),
    password: colon < 0 ? undefined : decoded(credentials.slice(colon + 1)),
  };
}

/** The URL as it goes on the wire and into logs: without credentials. */
export function formatRtspUrl(url: RtspUrl): string {
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  const usual = url.port === (url.secure ? RTSPS_PORT : RTSP_PORT);
  return `${url.secure ? "rtsps" : "rtsp"}://${host}${usual ? "" : `:${url.port}`}${url.path}`;
}

/**
 * A control URL against its base (RFC 2326 C.1.1), joined the way cameras mean it: appended after a slash, query or not.
 * An absolute one keeps its path but not its host: cameras behind address translation name a host nobody can reach.
 */
export function resolveControl(base: string, control: string | undefined): string {
  if (control === undefined || control === "" || control === "*") return base;
  const own = parseRtspUrl(base);
  const absolute = parseRtspUrl(control);
  if (absolute !== undefined && own !== undefined) return formatRtspUrl({ ...own, path: absolute.path });
  if (own !== undefined && control.startsWith("/")) return formatRtspUrl({ ...own, path: control });
  return base.endsWith("/") ? base + control : `${base}/${control}`;
}
