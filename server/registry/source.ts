import { Fault } from "@mingjian/vocab";
import type { SourceInput, Transport } from "./model.ts";

export const URL_CHARS_MAX = 2048;
export const USER_CHARS_MAX = 128;
export const PASSWORD_CHARS_MAX = 128;

/** A source taken apart: credentials out of the URL. */
export interface Source {
  /** Without user and password; query untouched, for cameras whose credentials stand there. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly transport: Transport;
  readonly certificateSha256: string | undefined;
}

/** Names in a path or query whose value many cameras take as a credential. */
const SECRET_FIELD = /((?:^|[?&;/_])(?:user(?:name)?|usr|login|pass(?:word)?|passwd|pwd|psw|token|auth|key)[=:])[^?&;/_]+/gi;

/** @throws Fault `bad-input` whose pointer begins with `at`. */
export function readSource(input: SourceInput, at: string): Source {
  if (input.url.length > URL_CHARS_MAX) throw bad(`${at}/url`, `The URL is longer than ${URL_CHARS_MAX} characters.`);
  let url: URL;
  try {
    url = new URL(input.url);
  } catch {
    throw bad(`${at}/url`, "This is not a URL.");
  }
  if (url.protocol !== "rtsp:" && url.protocol !== "rtsps:") throw bad(`${at}/url`, "The URL must begin with rtsp:// or rtsps://.");
  if (url.hostname === "") throw bad(`${at}/url`, "The URL names no host.");
  const user = given(input.user) ?? given(decode(url.username));
  const password = given(input.password) ?? given(decode(url.password));
  if ((user?.length ?? 0) > USER_CHARS_MAX) throw bad(`${at}/user`, `The user is longer than ${USER_CHARS_MAX} characters.`);
  if ((password?.length ?? 0) > PASSWORD_CHARS_MAX) throw bad(`${at}/password`, `The password is longer than ${PASSWORD_CHARS_MAX} characters.`);
  const certificate = input.certificateSha256?.toLowerCase();
  if (certificate !== undefined && !/^[0-9a-f]{64}$/.test(certificate)) throw bad(`${at}/certificateSha256`, "A SHA-256 has 64 hex digits.");
  return {
    url: withoutUser(input.url.trim()),
    user,
    password,
    transport: input.transport ?? "auto",
    certificateSha256: certificate,
  };
}

/** What people may see of a source's URL. */
export function shownUrl(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return url;
  return url.slice(0, start) + url.slice(start).replace(SECRET_FIELD, "$1***");
}

/** The same text for URLs that lead to the same stream: scheme and host in lower case, the port always there. */
export function sameUrlText(url: string): string {
  const parsed = new URL(url);
  const port = parsed.port === "" ? (parsed.protocol === "rtsps:" ? "322" : "554") : parsed.port;
  return `${parsed.protocol}//${parsed.hostname.toLowerCase()}:${port}${parsed.pathname}${parsed.search}`;
}

/** Scheme, host and port alike: stored credentials may be used there. Never for another host. */
export function sameHost(a: string, b: string): boolean {
  const [first, second] = [new URL(sameUrlText(a)), new URL(sameUrlText(b))];
  return first.protocol === second.protocol && first.hostname === second.hostname && first.port === second.port;
}

function withoutUser(text: string): string {
  const start = text.indexOf("://") + 3;
  const end = text.slice(start).search(/[/?#]/);
  const authority = end < 0 ? text.slice(start) : text.slice(start, start + end);
  const at = authority.lastIndexOf("@");
  return text.slice(0, start) + authority.slice(at + 1) + (end < 0 ? "" : text.slice(start + end));
}

/** A password may hold a bare "%" that encodes nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

function bad(pointer: string, message: string): Fault {
  return new Fault("bad-input", message, { pointer });
}
