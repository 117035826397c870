/** Seals small secrets with a key that lies outside the database. `context` binds a sealed text to its row and column. */
export interface SecretBox {
  seal(plain: string, context: string): string;
  /** @throws Fault `key-file-wrong` when it was sealed with another key, for another context, or changed since. */
  open(sealed: string, context: string): string;
  /** The same for the same text, telling nothing about it without the key (HMAC-SHA-256, hex). */
  fingerprint(text: string): string;
}
