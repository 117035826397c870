import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Auth } from "./options.ts";

const REALM = "Mingjian simulator";

/** The WWW-Authenticate value for a 401 (RFC 2617 3.2.1, RFC 7616 3.3). */
export function challenge(auth: Auth, nonce: string): string {
  if (auth.scheme === "basic") return `Basic realm="${REALM}"`;
  const algorithm = auth.scheme === "digest-sha256" ? ', algorithm=SHA-256, qop="auth"' : "";
  return `Digest realm="${REALM}", nonce="${nonce}"${algorithm}`;
}

export function newNonce(): string {
  return randomBytes(16).toString("hex");
}

function fields(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", quoted, bare] of text.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) found.set(name.toLowerCase(), quoted ?? bare ?? "");
  return found;
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Whether an Authorization value proves the password for this method and nonce. */
export function authorised(auth: Auth, nonce: string, method: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  if (auth.scheme === "basic") {
    return same(header, `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString("base64")}`);
  }
  if (!/^digest\s/i.test(header)) return false;
  const given = fields(header);
  const hash = (text: string): string =>
    createHash(auth.scheme === "digest-sha256" ? "sha256" : "md5")
      .update(text)
      .digest("hex");
  if (given.get("username") !== auth.user || given.get("nonce") !== nonce) return false;
  const first = hash(`${auth.user}:${REALM}:${auth.password}`);
  const second = hash(`${method}:${given.get("uri") ?? ""}`);
  const qop = given.get("qop");
  const middle = qop === undefined ? nonce : `${nonce}:${given.get("nc") ?? ""}:${given.get("cnonce") ?? ""}:${qop}`;
  return same(given.get("response") ?? "", hash(`${first}:${middle}:${second}`));
}
