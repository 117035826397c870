import type { UtcMs } from "@mingjian/vocab";
import type { Hash } from "../ports/index.ts";

/** A finished segment. Footage covers [startMs, endMs); within an era segments never overlap and are in order. */
export interface SegmentFacts {
  readonly kind: "segment";
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  /** Path below the footage root, with "/". */
  readonly file: string;
  readonly bytes: number;
  /** The segment digest in hex; docs/reference/formats/segment-digest.md. */
  readonly digest: string;
  /** Fragments in it. */
  readonly fragments: number;
  /** False: a new recording begins here, even where the times touch. */
  readonly continues: boolean;
  /** The first fragment begins with a key frame. */
  readonly key: boolean;
  /** Counts the times our clock went back. */
  readonly era: number;
  /** RFC 6381, joined with a comma. */
  readonly codecs: string;
  /** 0 without video. */
  readonly width: number;
  readonly height: number;
  /** The camera's clock minus ours, ms; null when the camera sends no sender reports. */
  readonly cameraAheadMs: number | null;
  /** How far the mapping of media time to ours was slewed within the segment, ms. */
  readonly slewedMs: number;
  /** What was wrong with what the camera sent, by kind; only what is not 0. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Bytes of all this stream's segments that are not deleted, this one counted. */
  readonly totalBytes: number;
  /** Finished by start-up after a crash, with this many torn bytes cut off. */
  readonly mendedCutBytes?: number;
}

/** A span that should have been recorded and was not. */
export interface GapFacts {
  readonly kind: "gap";
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  readonly cause: string;
  readonly era: number;
}

/** Our clock stepped: at the instant it would have shown fromMs it showed toMs. */
export interface ClockFacts {
  readonly kind: "clock";
  readonly fromMs: UtcMs;
  readonly toMs: UtcMs;
  /** The era that begins; the same as before when the step went forward. */
  readonly era: number;
}

/** The segment of an earlier entry is deleted. Written before its file is. */
export interface DeletionFacts {
  readonly kind: "deletion";
  readonly segmentSeq: number;
  readonly file: string;
  readonly reason: string;
  /** Bytes of all this stream's segments that are left. */
  readonly totalBytes: number;
}

export const MENDS = ["empty-file", "chain-tail", "file-missing", "file-changed"] as const;
export type Mend = (typeof MENDS)[number];

/** What start-up found and did; `file-missing` and `file-changed` are damage. */
export interface MendFacts {
  readonly kind: "mend";
  readonly what: Mend;
  readonly file: string;
  readonly bytes: number;
}

export type ChainFacts = SegmentFacts | GapFacts | ClockFacts | DeletionFacts | MendFacts;

export interface ChainPlace {
  /** Position in the stream's chain: from 1, without a hole. */
  readonly seq: number;
  /** When it was written, by our clock. */
  readonly atMs: UtcMs;
  /** SHA-256 in hex of the entry before; 64 zeros for the first. */
  readonly prev: string;
  readonly hash: string;
}

export type ChainEntry = ChainFacts & ChainPlace;

export const CHAIN_START = "0".repeat(64);
/** One line; longer is not an entry. */
export const CHAIN_LINE_BYTES_MAX = 65_536;

const DOMAIN = "mingjian-chain-v1\n";
const utf8 = new TextEncoder();

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function hashText(hash: Hash, text: string): string {
  const hasher = hash();
  hasher.update(utf8.encode(text));
  return toHex(hasher.digest());
}

/**
 * An entry and its line: one JSON object whose last two members are `prev` and `hash`, the hash being that of
 * the domain tag and the line up to `,"hash":`.
 */
export function encodeEntry(hash: Hash, facts: ChainFacts, seq: number, atMs: UtcMs, prev: string): { entry: ChainEntry; line: string } {
  const body = JSON.stringify({ seq, atMs, ...facts, prev }).slice(0, -1);
  const own = hashText(hash, DOMAIN + body);
  return { entry: { seq, atMs, ...facts, prev, hash: own }, line: `${body},"hash":"${own}"}\n` };
}

const KINDS = new Set(["segment", "gap", "clock", "deletion", "mend"]);

/** Reads one line without its newline. Undefined when it is no entry or its hash does not fit. */
export function decodeEntry(hash: Hash, line: string): ChainEntry | undefined {
  const cut = line.lastIndexOf(',"hash":"');
  if (cut < 0 || line.length > CHAIN_LINE_BYTES_MAX) return undefined;
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!looksLikeEntry(found)) return undefined;
  return found.hash === hashText(hash, DOMAIN + line.slice(0, cut)) ? found : undefined;
}

/** The hash has the final say over the rest: only we write lines whose hash fits. */
function looksLikeEntry(found: unknown): found is ChainEntry {
  if (typeof found !== "object" || found === null) return false;
  const { seq, kind, prev, hash } = found as Record<string, unknown>;
  return Number.isSafeInteger(seq) && typeof kind === "string" && KINDS.has(kind) && typeof prev === "string" && typeof hash === "string";
}
