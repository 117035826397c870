import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "@mingjian/vocab";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1.";

/** Seals small secrets: AES-256-GCM (NIST SP 800-38D) under a key kept in a file outside the database. */
export interface SecretBox {
  /** `v1.` and base64url of nonce, ciphertext, tag. `context` binds it to where it belongs. */
  seal(plain: string, context: string): string;
  /** @throws Fault `key-file-wrong` when it was sealed with another key or for another context, or was changed. */
  open(sealed: string, context: string): string;
  /** HMAC-SHA-256 in hex: the same for the same text, telling nothing without the key. */
  fingerprint(text: string): string;
  /** A key of its own for one purpose (HKDF, RFC 5869), hex. */
  derive(purpose: string): string;
}

export function secretBox(key: Uint8Array): SecretBox {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, new Uint8Array(0), `mingjian ${purpose}`, KEY_BYTES));
  const sealKey = derive("seal");
  const printKey = derive("fingerprint");
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", sealKey, nonce).setAAD(Buffer.from(context, "utf8"));
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return VERSION + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64url");
    },
    open(sealed, context) {
      try {
        if (!sealed.startsWith(VERSION)) throw new Error("unknown version");
        const bytes = Buffer.from(sealed.slice(VERSION.length), "base64url");
        const decipher = createDecipheriv("aes-256-gcm", sealKey, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(context, "utf8"))
          .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new Fault("key-file-wrong", "A stored secret does not open with this key file.", { context }, { cause: error });
      }
    },
    fingerprint: (text) => createHmac("sha256", printKey).update(text, "utf8").digest("hex"),
    derive: (purpose) => derive(purpose).toString("hex"),
  };
}

/**
 * The key in a file (32 bytes as hex, mode 0600), made whole when missing: written under another name, then linked,
 * so that of two starting at once both end with the same key.
 * @throws Fault `key-file-wrong` when the file holds no key.
 */
export function readKeyFile(path: string): Uint8Array {
  const read = (): string | undefined => {
    try {
      return readFileSync(path, "utf8").trim();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  };
  if (read() === undefined) makeKeyFile(path);
  const text = read() ?? "";
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Fault("key-file-wrong", `${path} holds no key (64 hex digits).`, { path });
  return new Uint8Array(Buffer.from(text, "hex"));
}

function makeKeyFile(path: string): void {
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  const file = openSync(fresh, "wx", 0o600);
  writeSync(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    unlinkSync(fresh);
  }
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}
