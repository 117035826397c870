import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { foreign } from "../src/foreign.ts";
import { foreignAbsent } from "../src/foreign-sources.ts";

const SECONDS = 15;
const absent = foreignAbsent();

test(
  "VLC, GStreamer and ffmpeg: every frame they send is in the files, ffmpeg decodes them without a word",
  { skip: absent.length > 0 ? `not installed here: ${absent.join(", ")}` : false },
  async () => {
    const { rows, fsckClean } = await foreign(SECONDS, tmpdir());
    assert.deepEqual(
      rows.map((row) => row.source),
      ["vlc", "gstreamer-h264-aac", "gstreamer-h265-pcma", "ffmpeg-h264-pcmu"],
    );
    for (const row of rows) {
      assert.ok(row.frames > 25, `${row.source} holds more than a second`);
      assert.deepEqual([row.frames, row.decodeErrors, row.gaps], [row.expectedFrames, 0, 0], row.source);
    }
    assert.ok(fsckClean);
  },
);
