import type { Chance } from "./chance.ts";

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** An id of 20 characters (100 bits of chance) of a-z and 0-9 without i, l, o, u: hard to misread, safe everywhere. */
export function newId(chance: Chance): string {
  let id = "";
  for (const byte of chance.bytes(20)) id += LETTERS[byte & 31];
  return id;
}
