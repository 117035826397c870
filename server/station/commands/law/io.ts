import { once } from "node:events";
import { QUESTION_BYTES_MAX } from "@mingjian/law";
import type { Text } from "@mingjian/law";

/** The three streams a command talks through; tests hand in their own. */
export interface CommandIo {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Done, though a line had an error or a pack a problem. */
export const EXIT_WRONG = 1;
/** The command could not be carried out as given. */
export const EXIT_USAGE = 2;

/** Wrong use of a command, or a file it cannot work with; ends it with EXIT_USAGE. */
export class CommandError extends Error {
  constructor(text: Text) {
    super(both(text));
    this.name = "CommandError";
  }
}

/** Chinese first, English second. */
export function both(text: Text): string {
  return `${text.zh} / ${text.en}`;
}

/** The reader of our output went away (`| head`): nothing is wrong, and nothing more is wanted. */
export class ReaderGone extends Error {}

/** Writes and waits while the reader is behind, so that memory stays constant however long the input is. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (text === "") return;
  if (!stream.writable) throw new ReaderGone();
  if (!stream.write(text)) await once(stream, "drain");
}

/** One input line, or null for one longer than a question may be. */
export type Line = string | null;

const NEWLINE = 10;

/**
 * Splits a byte stream into the complete lines of each chunk. Of a line that is too long nothing is kept.
 * Blank lines and a leading byte order mark are left out.
 */
export async function* lineBatches(chunks: AsyncIterable<Uint8Array | string>, bytesMax: number = QUESTION_BYTES_MAX): AsyncGenerator<Line[]> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      pushLine(lines, held, heldBytes, bytes.subarray(start, end), bytesMax);
      [held, heldBytes, start] = [[], 0, end + 1];
    }
    const rest = bytes.subarray(start);
    heldBytes += rest.length;
    if (heldBytes > bytesMax) held = [];
    else if (rest.length > 0) held.push(Buffer.from(rest));
    if (lines.length > 0) yield lines;
  }
  const last: Line[] = [];
  pushLine(last, held, heldBytes, Buffer.alloc(0), bytesMax);
  if (last.length > 0) yield last;
}

function pushLine(lines: Line[], held: readonly Buffer[], heldBytes: number, end: Buffer, bytesMax: number): void {
  if (heldBytes + end.length > bytesMax) {
    lines.push(null);
    return;
  }
  const text = (held.length === 0 ? end : Buffer.concat([...held, end])).toString("utf8").replace(/^\uFEFF/, "");
  if (text.trim() !== "") lines.push(text);
}
