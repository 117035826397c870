import { createHash } from "node:crypto";

/** One running digest. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The digest; the hasher is spent. */
  digest(): Uint8Array;
}

/** Begins a digest. */
export type Hash = () => Hasher;

/** SHA-256, FIPS 180-4. */
export const sha256: Hash = () => {
  const hash = createHash("sha256");
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};
