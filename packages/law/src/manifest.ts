/** One file of a pack folder. `name` holds no folder. */
export interface PackFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The file that holds the signature, itself not signed. */
export const SIGNATURE_FILE = "pack.sig";

/**
 * The text a signature stands for: a first line naming the form, then each file's SHA-256 in hex, two spaces and
 * its name, sorted by name (UTF-16 order), every line ended by a newline. `sha256` gives lower-case hex.
 */
export function packManifest(files: readonly PackFile[], sha256: (bytes: Uint8Array) => string): string {
  const lines = files
    .filter((file) => file.name !== SIGNATURE_FILE)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((file) => `${sha256(file.bytes)}  ${file.name}\n`);
  return `mingjian-law-pack-1\n${lines.join("")}`;
}
