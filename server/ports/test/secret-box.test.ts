import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isFault } from "@mingjian/vocab";
import { newId, readKeyFile, secretBox, seededChance } from "../index.ts";

const box = secretBox(new Uint8Array(32).fill(1));
const wrongKey = (error: unknown): boolean => isFault(error) && error.code === "key-file-wrong";

test("[P60] what is sealed opens with the same key and context, and with no other", () => {
  const sealed = box.seal("秘密", "camera/a");
  assert.equal(box.open(sealed, "camera/a"), "秘密");
  assert.notEqual(box.seal("秘密", "camera/a"), sealed);
  assert.throws(() => box.open(sealed, "camera/b"), wrongKey);
  assert.throws(() => secretBox(new Uint8Array(32).fill(2)).open(sealed, "camera/a"), wrongKey);
});

test("[P61] any changed character of a sealed text is noticed", () => {
  const sealed = box.seal("secret", "c");
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    // The last character of base64url may carry bits that stand for nothing.
    if (at === sealed.length - 1) continue;
    assert.throws(() => box.open(changed, "c"), wrongKey, `at ${at}`);
  }
  for (const odd of ["", "v1.", "v1.AAAA", "v2.AAAA"]) assert.throws(() => box.open(odd, "c"), wrongKey);
});

test("[P62] the key file is made once, for its owner alone; a file that holds no key is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mingjian-key-"));
  try {
    const path = join(folder, "key");
    const key = readKeyFile(path);
    assert.equal(key.length, 32);
    assert.deepEqual(readKeyFile(path), key);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await writeFile(path, "rubbish\n");
    assert.throws(() => readKeyFile(path), wrongKey);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("[P63] a new id is 20 characters that ids may have", () => {
  assert.match(newId(seededChance(7)), /^[0-9a-hjkmnp-tv-z]{20}$/);
  assert.equal(newId(seededChance(7)), newId(seededChance(7)));
});
