/** Breaks only for bytes that three branches, one inside the other, let through. */
export function plantedFault(bytes: Uint8Array): void {
  if (bytes[0] !== 0x4d) return;
  if (bytes.length < 4 || bytes[1] !== 0x4a) return;
  if (((bytes[2] ?? 0) ^ (bytes[3] ?? 0)) === 0x5a) throw new Error("found");
}
