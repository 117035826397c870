import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { segmentPreimage } from "@mingjian/media";
import { sha256, systemDisk } from "../../ports/index.ts";
import { toHex } from "../chain-format.ts";
import { scanPath, partsFromScan } from "../index.ts";
import { sameBytes } from "../segment-file.ts";
import { digestOf } from "../segment.ts";

const FOLDER = path.join(import.meta.dirname, "../../../vectors/segment");

interface Vector {
  readonly file: string;
  readonly valid: boolean;
  readonly digest: string;
  readonly changedByte: number;
  readonly failsAt: { readonly part: number };
  readonly parts: readonly { readonly offset: number; readonly bytes: number; readonly sha256: string }[];
}

test("[R25] the published file gives the published digests; with a byte changed, the named part fails", async () => {
  const { vectors } = JSON.parse(readFileSync(path.join(FOLDER, "vectors.json"), "utf8")) as { vectors: Vector[] };
  for (const vector of vectors) {
    const file = path.join(FOLDER, vector.file);
    const scan = await scanPath(systemDisk(), file);
    const bytes = readFileSync(file);
    if (!vector.valid) bytes[vector.changedByte] = 1 ^ (bytes[vector.changedByte] ?? 0);
    const sound = scan.parts.map((part) => sameBytes(digestOf(sha256, [bytes.subarray(part.offset, part.offset + part.bytes)]), part.digest));
    assert.equal(sound.indexOf(false), vector.valid ? -1 : vector.failsAt.part);
    if (!vector.valid) continue;
    assert.deepEqual(
      scan.parts.map((part) => ({ offset: part.offset, bytes: part.bytes, sha256: toHex(part.digest) })),
      vector.parts,
    );
    assert.equal(toHex(digestOf(sha256, [segmentPreimage(partsFromScan(scan.parts))])), vector.digest);
    assert.equal(toHex(digestOf(sha256, [segmentPreimage(scan.index ?? [])])), vector.digest);
  }
});
