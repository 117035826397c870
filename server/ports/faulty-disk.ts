import { Fault } from "@mingjian/vocab";
import type { FaultCode } from "@mingjian/vocab";
import type { Disk, DiskFile } from "./disk.ts";

export type DiskStep =
  | "create"
  | "open"
  | "makeFolder"
  | "list"
  | "fileSize"
  | "remove"
  | "removeFolder"
  | "rename"
  | "syncFolder"
  | "space"
  | "writev"
  | "read"
  | "size"
  | "truncate"
  | "sync"
  | "close";

/**
 * How a step goes wrong: `failed` did nothing; `stored` did its work and then said that it had failed;
 * `torn` (writev only) did the first half and failed.
 */
export type DiskFailure = "failed" | "stored" | "torn";

export interface PlannedFault {
  readonly step: DiskStep;
  /** Only paths that contain this text. */
  readonly path?: string;
  /** Passes over this many matching steps first. */
  readonly skip?: number;
  /** How many times; then the disk is well again. */
  readonly times?: number;
  readonly how: DiskFailure;
  readonly code?: FaultCode;
}

/** A disk for tests that goes wrong as planned and otherwise behaves as the one beneath. */
export class FaultyDisk implements Disk {
  readonly #disk: Disk;
  #planned: { fault: PlannedFault; skip: number; times: number }[] = [];
  #stall: Promise<void> | undefined;
  #endStall: (() => void) | undefined;
  #freeBytes: number | undefined;
  /** Steps that went wrong, in order: `step path`. */
  readonly failures: string[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  plan(fault: PlannedFault): void {
    this.#planned.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  /** Forgets all planned faults. */
  heal(): void {
    this.#planned = [];
  }

  /** Writes and syncs wait until `resume`. */
  stall(): void {
    this.#stall ??= new Promise((resolve) => {
      this.#endStall = resolve;
    });
  }

  resume(): void {
    this.#endStall?.();
    this.#stall = undefined;
    this.#endStall = undefined;
  }

  /** Pretends this much room; undefined for the truth. */
  pretendFree(bytes: number | undefined): void {
    this.#freeBytes = bytes;
  }

  create(path: string): Promise<DiskFile> {
    return this.#do("create", path, async () => this.#wrap(path, await this.#disk.create(path)));
  }

  open(path: string, mode: "read" | "write"): Promise<DiskFile> {
    return this.#do("open", path, async () => this.#wrap(path, await this.#disk.open(path, mode)));
  }

  makeFolder(path: string): Promise<void> {
    return this.#do("makeFolder", path, () => this.#disk.makeFolder(path));
  }

  list(path: string): Promise<string[]> {
    return this.#do("list", path, () => this.#disk.list(path));
  }

  fileSize(path: string): Promise<number | undefined> {
    return this.#do("fileSize", path, () => this.#disk.fileSize(path));
  }

  remove(path: string): Promise<void> {
    return this.#do("remove", path, () => this.#disk.remove(path));
  }

  removeFolder(path: string): Promise<void> {
    return this.#do("removeFolder", path, () => this.#disk.removeFolder(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do("rename", from, () => this.#disk.rename(from, to));
  }

  syncFolder(path: string): Promise<void> {
    return this.#do("syncFolder", path, () => this.#disk.syncFolder(path));
  }

  space(path: string): Promise<{ freeBytes: number; totalBytes: number }> {
    return this.#do("space", path, async () => {
      const real = await this.#disk.space(path);
      return this.#freeBytes === undefined ? real : { ...real, freeBytes: this.#freeBytes };
    });
  }

  #wrap(path: string, file: DiskFile): DiskFile {
    return {
      writev: async (views, position) => {
        await this.#stall;
        await this.#do(
          "writev",
          path,
          () => file.writev(views, position),
          () => file.writev(firstHalf(views), position),
        );
      },
      read: (target, position) => this.#do("read", path, () => file.read(target, position)),
      size: () => this.#do("size", path, () => file.size()),
      truncate: (length) => this.#do("truncate", path, () => file.truncate(length)),
      sync: async () => {
        await this.#stall;
        await this.#do("sync", path, () => file.sync());
      },
      close: () => this.#do("close", path, () => file.close()),
    };
  }

  async #do<Value>(step: DiskStep, path: string, work: () => Promise<Value>, half?: () => Promise<void>): Promise<Value> {
    const fault = this.#due(step, path);
    if (fault === undefined) return await work();
    this.failures.push(`${step} ${path}`);
    if (fault.how === "stored") await work();
    if (fault.how === "torn") await half?.();
    throw new Fault(fault.code ?? "disk-failed", `${step} ${path}: planned`, { operation: step, path, errno: "EIO" });
  }

  #due(step: DiskStep, path: string): PlannedFault | undefined {
    for (const one of this.#planned) {
      if (one.fault.step !== step || one.times === 0) continue;
      if (one.fault.path !== undefined && !path.includes(one.fault.path)) continue;
      if (one.skip > 0) {
        one.skip -= 1;
        continue;
      }
      one.times -= 1;
      return one.fault;
    }
    return undefined;
  }
}

function firstHalf(views: readonly Uint8Array[]): Uint8Array[] {
  let bytes = 0;
  for (const view of views) bytes += view.length;
  let left = Math.floor(bytes / 2);
  const half: Uint8Array[] = [];
  for (const view of views) {
    const take = Math.min(left, view.length);
    if (take > 0) half.push(view.subarray(0, take));
    left -= take;
  }
  return half;
}
