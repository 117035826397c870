import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import path from "node:path";
import { loadSettings } from "../settings.ts";
import type { Settings } from "../settings.ts";

/** What a command has of the world. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly environment: NodeJS.ProcessEnv;
}

export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
  };
}

export const PROGRAM_ROOT = path.join(import.meta.dirname, "../../..");

export function settingsOf(io: Io): Settings {
  return loadSettings(io.environment, PROGRAM_ROOT);
}

/** Asks for a secret without showing it; from a pipe, its first line. */
export async function askSecret(io: Io, question: string): Promise<string> {
  const tty = (io.stdin as NodeJS.ReadStream).isTTY;
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: io.stdin, output: tty ? hidden : undefined, terminal: tty });
  try {
    io.err(question);
    const answer = tty ? await lines.question("") : ((await lines[Symbol.asyncIterator]().next()).value as string | undefined);
    if (tty) io.err("\n");
    return answer ?? "";
  } finally {
    lines.close();
  }
}

/** Columns as wide as their widest cell; East Asian characters count two. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = (text: string): number =>
    [...text].reduce(
      (sum, one) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(one) ? 2 : 1),
      0,
    );
  const widths = head.map((title, at) => Math.max(width(title), ...rows.map((row) => width(row[at] ?? ""))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((one) => "-".repeat(one))), ...rows.map(line)].join("\n") + "\n";
}
