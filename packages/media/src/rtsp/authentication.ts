import { base64Encode, utf8Bytes } from "../text.ts";

/** Hashes of a text's UTF-8 bytes, as lower-case hexadecimal. */
export interface TextHashes {
  md5(text: string): string;
  sha256(text: string): string;
}

/** A challenge we can answer (RFC 7617, RFC 7616, and RFC 2617 as most cameras speak it). */
export interface Challenge {
  readonly scheme: "digest" | "basic";
  readonly algorithm: "MD5" | "SHA-256";
  /** The algorithm as it was named, to be sent back; undefined when it was left out. */
  readonly algorithmName: string | undefined;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly qop: boolean;
  readonly stale: boolean;
}

/** Parameters of a challenge: quoted or not, commas inside quotes kept. */
function parameters(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text.matchAll(/([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)) {
    found.set((part[1] ?? "").toLowerCase(), part[2]?.replace(/\\(.)/g, "$1") ?? part[3] ?? "");
  }
  return found;
}

function parseChallenge(text: string): Challenge | undefined {
  const parts = /^\s*(Digest|Basic)(?:\s+(.*))?$/is.exec(text);
  if (parts === null) return undefined;
  const values = parameters(parts[2] ?? "");
  const scheme = (parts[1] ?? "").toLowerCase() === "digest" ? "digest" : "basic";
  const algorithmName = values.get("algorithm");
  const algorithm = (algorithmName ?? "MD5").toUpperCase();
  const qops = (values.get("qop") ?? "").split(",").map((one) => one.trim().toLowerCase());
  if (scheme === "digest" && ((algorithm !== "MD5" && algorithm !== "SHA-256") || !values.has("nonce"))) return undefined;
  if (scheme === "digest" && values.has("qop") && !qops.includes("auth")) return undefined;
  return {
    scheme,
    algorithmName,
    algorithm: algorithm === "SHA-256" ? "SHA-256" : "MD5",
    realm: values.get("realm") ?? "",
    nonce: values.get("nonce") ?? "",
    opaque: values.get("opaque"),
    qop: values.has("qop"),
    stale: (values.get("stale") ?? "").toLowerCase() === "true",
  };
}

/** The strongest challenge among WWW-Authenticate values: SHA-256, MD5, then Basic. Undefined when we can answer none. */
export function chooseChallenge(values: readonly string[]): Challenge | undefined {
  const rank = (one: Challenge): number => (one.scheme === "basic" ? 0 : one.algorithm === "MD5" ? 1 : 2);
  const separate = values.flatMap((value) => value.split(/,\s*(?=(?:Digest|Basic)\s)/i));
  const known = separate.map(parseChallenge).filter((one) => one !== undefined);
  return known.sort((a, b) => rank(b) - rank(a))[0];
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * The Authorization value for one request.
 * @param count uses of this nonce, from 1
 * @param cnonce unpredictable text, used only with qop
 */
export function authorise(challenge: Challenge, who: Credentials, method: string, uri: string, count: number, cnonce: string, hashes: TextHashes): string {
  if (challenge.scheme === "basic") return `Basic ${base64Encode(utf8Bytes(`${who.user}:${who.password}`))}`;
  const hash = (text: string): string => (challenge.algorithm === "MD5" ? hashes.md5(text) : hashes.sha256(text));
  const { realm, nonce } = challenge;
  const secret = hash(`${who.user}:${realm}:${who.password}`);
  const request = hash(`${method}:${uri}`);
  const nc = count.toString(16).padStart(8, "0");
  const response = challenge.qop ? hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${request}`) : hash(`${secret}:${nonce}:${request}`);
  const fields = [`username=${quoted(who.user)}`, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`, `uri=${quoted(uri)}`, `response="${response}"`];
  if (challenge.algorithmName !== undefined) fields.push(`algorithm=${challenge.algorithmName}`);
  if (challenge.opaque !== undefined) fields.push(`opaque=${quoted(challenge.opaque)}`);
  if (challenge.qop) fields.push("qop=auth", `nc=${nc}`, `cnonce="${cnonce}"`);
  return `Digest ${fields.join(", ")}`;
}
