import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "@mingjian/vocab";
import type { FaultCode } from "@mingjian/vocab";

/** An open file. Every method either did all of its work or throws a Fault (and may still have done it). */
export interface DiskFile {
  /** Writes all views one after another from `position`. */
  writev(views: readonly Uint8Array[], position: number): Promise<void>;
  /** Reads into `target` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  /** fdatasync: what was written, and the file's length, survive a power cut once this returns. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/**
 * The only way to the disk. Throws Faults `disk-full`, `disk-read-only`, `not-found`, `conflict` (exists already)
 * and `disk-failed` (all else), with `path` and `errno` as details.
 */
export interface Disk {
  /** Makes a new file and opens it for reading and writing; `conflict` when it exists. */
  create(path: string): Promise<DiskFile>;
  /** Opens an existing file. */
  open(path: string, mode: "read" | "write"): Promise<DiskFile>;
  /** Makes the folder and those above it, and makes each new name durable. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder, sorted; a folder's name ends with "/". A missing folder has none. */
  list(path: string): Promise<string[]>;
  /** Bytes in a file; undefined when there is none. */
  fileSize(path: string): Promise<number | undefined>;
  remove(path: string): Promise<void>;
  /** Removes a folder that is empty; `conflict` when it is not. */
  removeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes names added to and removed from the folder durable. */
  syncFolder(path: string): Promise<void>;
  space(path: string): Promise<DiskSpace>;
}

/** Views handed to one writev call; the system's own limit (IOV_MAX) is 1024. */
export const WRITEV_VIEWS_MAX = 1_000;

function faultCode(errno: string): FaultCode {
  if (errno === "ENOSPC" || errno === "EDQUOT" || errno === "EFBIG") return "disk-full";
  if (errno === "EROFS" || errno === "EACCES" || errno === "EPERM") return "disk-read-only";
  if (errno === "ENOENT") return "not-found";
  if (errno === "EEXIST" || errno === "ENOTEMPTY") return "conflict";
  return "disk-failed";
}

function diskFault(operation: string, path: string, cause: NodeJS.ErrnoException): Fault {
  const errno = cause.code ?? "unknown";
  return new Fault(faultCode(errno), `${operation} ${path}: ${errno}`, { operation, path, errno }, { cause });
}

type Done<Value> = (error: NodeJS.ErrnoException | null, value: Value) => void;

function ask<Value>(operation: string, path: string, start: (done: Done<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null ? resolve(value) : reject(diskFault(operation, path, error))));
  });
}

function tell(operation: string, path: string, start: (done: (error: NodeJS.ErrnoException | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(diskFault(operation, path, error))));
  });
}

function total(views: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const view of views) bytes += view.length;
  return bytes;
}

/** The views without their first `bytes` bytes. */
function skip(views: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let over = bytes;
  for (const view of views) {
    if (over >= view.length) over -= view.length;
    else {
      left.push(over === 0 ? view : view.subarray(over));
      over = 0;
    }
  }
  return left;
}

class SystemFile implements DiskFile {
  readonly #fd: number;
  readonly #path: string;

  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
  }

  async writev(views: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    for (let from = 0; from < views.length; from += WRITEV_VIEWS_MAX) {
      let batch = views.length <= WRITEV_VIEWS_MAX ? [...views] : views.slice(from, from + WRITEV_VIEWS_MAX);
      let left = total(batch);
      while (left > 0) {
        const written = await ask<number>("write", this.#path, (done) => fs.writev(this.#fd, batch, at, done));
        at += written;
        left -= written;
        if (left > 0) batch = skip(batch, written);
      }
    }
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const from = filled;
      const got = await ask<number>("read", this.#path, (done) => fs.read(this.#fd, target, from, target.length - from, position + from, done));
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  async size(): Promise<number> {
    return (await ask<fs.Stats>("stat", this.#path, (done) => fs.fstat(this.#fd, done))).size;
  }

  truncate(length: number): Promise<void> {
    return tell("truncate", this.#path, (done) => fs.ftruncate(this.#fd, length, done));
  }

  sync(): Promise<void> {
    return tell("sync", this.#path, (done) => fs.fdatasync(this.#fd, done));
  }

  close(): Promise<void> {
    return tell("close", this.#path, (done) => fs.close(this.#fd, done));
  }
}

async function openFile(path: string, flags: string): Promise<DiskFile> {
  return new SystemFile(await ask<number>("open", path, (done) => fs.open(path, flags, 0o640, done)), path);
}

async function syncFolder(path: string): Promise<void> {
  const fd = await ask<number>("open", path, (done) => fs.open(path, "r", done));
  try {
    await tell("sync", path, (done) => fs.fsync(fd, done));
  } finally {
    await tell("close", path, (done) => fs.close(fd, done));
  }
}

async function makeFolder(path: string): Promise<void> {
  const made = await ask<string | undefined>("mkdir", path, (done) => fs.mkdir(path, { recursive: true, mode: 0o750 }, done));
  if (made === undefined) return;
  for (let folder = path; folder.length >= made.length; folder = dirname(folder)) await syncFolder(dirname(folder));
}

async function list(path: string): Promise<string[]> {
  try {
    const found = await ask<fs.Dirent[]>("list", path, (done) => fs.readdir(path, { withFileTypes: true }, done));
    return found.map((one) => (one.isDirectory() ? `${one.name}/` : one.name)).sort();
  } catch (error) {
    if (error instanceof Fault && error.code === "not-found") return [];
    throw error;
  }
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await ask<fs.Stats>("stat", path, (done) => fs.stat(path, done))).size;
  } catch (error) {
    if (error instanceof Fault && error.code === "not-found") return undefined;
    throw error;
  }
}

export function systemDisk(): Disk {
  return {
    create: (path) => openFile(path, "wx+"),
    open: (path, mode) => openFile(path, mode === "read" ? "r" : "r+"),
    makeFolder,
    list,
    fileSize,
    removeFolder: (path) => tell("remove", path, (done) => fs.rmdir(path, done)),
    remove: (path) => tell("remove", path, (done) => fs.unlink(path, done)),
    rename: (from, to) => tell("rename", from, (done) => fs.rename(from, to, done)),
    syncFolder,
    space: async (path) => {
      const found = await ask<fs.StatsFs>("statfs", path, (done) => fs.statfs(path, done));
      return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
    },
  };
}

/** Joins path parts the way the disk does. */
export function joinPath(...parts: readonly string[]): string {
  return join(...parts);
}
