import type { AudioConfig, TrackConfig, VideoConfig } from "../stream.ts";
import { BoxWriter } from "./boxes.ts";
import { writeAvcC, writeHvcC } from "./parameters.ts";

/** Ticks a second of a track in our files. */
export function timescaleOf(config: TrackConfig): number {
  return config.clockRate;
}

/** Track ids in our files count from 1 in the order of the configs. */
export function trackIdOf(index: number): number {
  return index + 1;
}

const UNITY_MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

/** `ftyp` and `moov` of a fragmented file (ISO/IEC 14496-12 8.8): no samples, one trex a track. */
export function initSegment(configs: readonly TrackConfig[]): Uint8Array {
  const writer = new BoxWriter(2_048);
  writer.box("ftyp", () => {
    writer.text("iso6");
    writer.u32(0);
    writer.text("iso6mp41");
  });
  writer.box("moov", () => {
    writeMovieHeader(writer, configs.length);
    configs.forEach((config, index) => writeTrack(writer, config, trackIdOf(index)));
    writer.box("mvex", () => {
      configs.forEach((_, index) => {
        writer.full("trex", 0, 0, () => {
          writer.u32(trackIdOf(index));
          writer.u32(1);
          writer.zeros(12);
        });
      });
    });
  });
  return writer.done();
}

function writeMovieHeader(writer: BoxWriter, tracks: number): void {
  writer.full("mvhd", 0, 0, () => {
    writer.zeros(8);
    writer.u32(1_000);
    writer.u32(0);
    writer.u32(0x10000);
    writer.u16(0x100);
    writer.zeros(10);
    for (const value of UNITY_MATRIX) writer.u32(value);
    writer.zeros(24);
    writer.u32(tracks + 1);
  });
}

function writeTrack(writer: BoxWriter, config: TrackConfig, id: number): void {
  const video = config.kind === "video";
  writer.box("trak", () => {
    writer.full("tkhd", 0, 3, () => {
      writer.zeros(8);
      writer.u32(id);
      writer.zeros(16);
      writer.u16(0);
      writer.u16(video ? 0 : 1);
      writer.u16(video ? 0 : 0x100);
      writer.u16(0);
      for (const value of UNITY_MATRIX) writer.u32(value);
      writer.u32(video ? config.width * 0x10000 : 0);
      writer.u32(video ? config.height * 0x10000 : 0);
    });
    writer.box("mdia", () => {
      writer.full("mdhd", 0, 0, () => {
        writer.zeros(8);
        writer.u32(timescaleOf(config));
        writer.u32(0);
        writer.u16(0x55c4);
        writer.u16(0);
      });
      writer.full("hdlr", 0, 0, () => {
        writer.u32(0);
        writer.text(video ? "vide" : "soun");
        writer.zeros(12);
        writer.text(video ? "video\0" : "sound\0");
      });
      writer.box("minf", () => writeMediaInformation(writer, config));
    });
  });
}

function writeMediaInformation(writer: BoxWriter, config: TrackConfig): void {
  if (config.kind === "video") writer.full("vmhd", 0, 1, () => writer.zeros(8));
  else writer.full("smhd", 0, 0, () => writer.zeros(4));
  writer.box("dinf", () => {
    writer.full("dref", 0, 0, () => {
      writer.u32(1);
      writer.full("url ", 0, 1, () => {});
    });
  });
  writer.box("stbl", () => {
    writer.full("stsd", 0, 0, () => {
      writer.u32(1);
      if (config.kind === "video") writeVideoEntry(writer, config);
      else writeAudioEntry(writer, config);
    });
    for (const type of ["stts", "stsc", "stco"]) writer.full(type, 0, 0, () => writer.u32(0));
    writer.full("stsz", 0, 0, () => writer.zeros(8));
  });
}

function writeVideoEntry(writer: BoxWriter, config: VideoConfig): void {
  writer.box(config.codec === "h264" ? "avc1" : "hvc1", () => {
    writer.zeros(6);
    writer.u16(1);
    writer.zeros(16);
    writer.u16(config.width);
    writer.u16(config.height);
    writer.u32(0x480000);
    writer.u32(0x480000);
    writer.u32(0);
    writer.u16(1);
    writer.zeros(32);
    writer.u16(0x18);
    writer.u16(0xffff);
    if (config.codec === "h264") writeAvcC(writer, config);
    else writeHvcC(writer, config);
  });
}

const AUDIO_ENTRIES = { aac: "mp4a", pcma: "alaw", pcmu: "ulaw" } as const;

/** G.711 stands as QuickTime's `alaw` and `ulaw`, which ffmpeg and VLC play; browsers do not. */
function writeAudioEntry(writer: BoxWriter, config: AudioConfig): void {
  writer.box(AUDIO_ENTRIES[config.codec], () => {
    writer.zeros(6);
    writer.u16(1);
    writer.zeros(8);
    writer.u16(config.channels);
    writer.u16(16);
    writer.u32(0);
    writer.u32((config.sampleRate & 0xffff) * 0x10000);
    if (config.codec === "aac") writeEsds(writer, config.audioSpecificConfig ?? new Uint8Array(0));
  });
}

/** esds, ISO/IEC 14496-14 5.6 and 14496-1 7.2.6. */
function writeEsds(writer: BoxWriter, specific: Uint8Array): void {
  writer.full("esds", 0, 0, () => {
    writeDescriptor(writer, 3, 3 + 5 + 13 + 5 + specific.length + 5 + 1, () => {
      writer.u16(0);
      writer.u8(0);
      writeDescriptor(writer, 4, 13 + 5 + specific.length, () => {
        writer.u8(0x40);
        writer.u8(0x15);
        writer.zeros(11);
        writeDescriptor(writer, 5, specific.length, () => writer.bytes(specific));
      });
      writeDescriptor(writer, 6, 1, () => writer.u8(2));
    });
  });
}

/** Tag and a length in four bytes, as most writers have it. */
function writeDescriptor(writer: BoxWriter, tag: number, length: number, body: () => void): void {
  writer.u8(tag);
  for (const shift of [21, 14, 7]) writer.u8(0x80 | ((length >> shift) & 0x7f));
  writer.u8(length & 0x7f);
  body();
}
