import { LiveMuxer, indexBox, initSegment, lonelyFragment, sealBox } from "@mingjian/media";
import type { SegmentPart, TrackConfig } from "@mingjian/media";
import { readMediaHeader } from "@mingjian/contract";
import type { MediaHeader, ServerMessage } from "@mingjian/contract";
import { Fault } from "@mingjian/vocab";
import type { CameraId, GrantId, SessionId, StreamId, UserId } from "@mingjian/vocab";
import { TestClock } from "../../ports/index.ts";
import { createGateway } from "../index.ts";
import type { FootagePiece, GapPiece, Gateway, GrantAnswer, GrantAsk, GrantEnd, LiveEvent, MediaOut, NewUse, UseResult, Viewer } from "../index.ts";

export const CAMERA = "gate" as CameraId;
export const STREAM = "gate.main" as StreamId;
export const VIEWER: Viewer = { user: "zhang" as UserId, grant: "g1" as GrantId, camera: CAMERA, address: "10.0.0.9" };
export const T0 = Date.UTC(2026, 10, 22, 2, 0, 0);

export const VIDEO: TrackConfig = {
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  width: 640,
  height: 360,
  vps: [],
  sps: [Uint8Array.of(0x67, 0x4d, 0x40, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5)],
  pps: [Uint8Array.of(0x68, 0xee, 0x3c, 0x80)],
  codecString: "avc1.4d401e",
};
export const ALAW: TrackConfig = { kind: "audio", codec: "pcma", clockRate: 8_000, sampleRate: 8_000, channels: 1, codecString: "alaw" };

/** A client: what it was sent, in order. */
export class Client implements MediaOut {
  readonly messages: ServerMessage[] = [];
  readonly frames: { readonly header: MediaHeader; readonly payload: Uint8Array }[] = [];
  readonly order: string[];
  closed = 0;
  waiting = 0;

  constructor(order: string[] = []) {
    this.order = order;
  }

  text(message: string): void {
    this.messages.push(JSON.parse(message) as ServerMessage);
  }

  bytes(head: Uint8Array, payload: Uint8Array): void {
    const header = readMediaHeader(head);
    if (header === undefined) throw new Error("a header that the contract cannot read");
    this.order.push("bytes");
    this.frames.push({ header, payload });
  }

  waitingBytes(): number {
    return this.waiting;
  }

  close(): void {
    this.closed += 1;
  }

  get end(): string | undefined {
    const last = this.messages.find((message) => message.type === "end");
    return last?.type === "end" ? last.code : undefined;
  }

  said(type: ServerMessage["type"]): ServerMessage[] {
    return this.messages.filter((message) => message.type === type);
  }

  /** UTC of the fragments it got. */
  get times(): number[] {
    return this.frames.filter((frame) => frame.header.kind === 2).map((frame) => frame.header.utcMs);
  }
}

/** Files in memory, with the reads counted. */
export class Files {
  readonly #files = new Map<string, Uint8Array>();
  open_ = 0;

  put(name: string, bytes: Uint8Array): void {
    this.#files.set(name, bytes);
  }

  async open(name: string): Promise<{ read(target: Uint8Array, position: number): Promise<number>; close(): Promise<void> }> {
    const bytes = this.#files.get(name);
    if (bytes === undefined) throw new Fault("not-found", name);
    this.open_ += 1;
    return {
      read: async (target, position) => {
        const part = bytes.subarray(position, position + target.length);
        target.set(part);
        return part.length;
      },
      close: async () => {
        this.open_ -= 1;
      },
    };
  }
}

/** A finished segment of `count` fragments of a second; every `keyEvery`th begins with a key frame. */
export function segmentFile(from: number, count: number, options: { keyEvery?: number; configs?: readonly TrackConfig[]; index?: boolean } = {}): Uint8Array {
  const { keyEvery = 1, configs = [VIDEO], index = true } = options;
  const init = initSegment(configs);
  const parts: SegmentPart[] = [{ bytes: init.length, digest: new Uint8Array(32), key: false, utcMs: 0, durationMs: 0 }];
  const chunks: Uint8Array[] = [init, sealBox(new Uint8Array(32))];
  for (let at = 0; at < count; at++) {
    const key = at % keyEvery === 0;
    const sample = { trackId: 1, sequence: at + 1, dts: at * 90_000, pts: at * 90_000, durationTicks: 90_000, key };
    const lonely = lonelyFragment(sample, 100, (target, start) => target.fill(at + 1, start, start + 100));
    const bytes = index ? lonely : new Uint8Array(Buffer.concat([referenceTime(from + at * 1_000), lonely]));
    parts.push({ bytes: bytes.length, digest: new Uint8Array(32), key, utcMs: from + at * 1_000, durationMs: 1_000 });
    chunks.push(bytes, sealBox(new Uint8Array(32)));
  }
  if (index) chunks.push(indexBox(parts));
  return new Uint8Array(Buffer.concat(chunks));
}

/** `prft` (ISO/IEC 14496-12 8.16.5): the UTC of a fragment, for files without an index. */
function referenceTime(utcMs: number): Uint8Array {
  const box = Buffer.alloc(32);
  box.writeUInt32BE(32, 0);
  box.write("prft", 4, "latin1");
  box.writeUInt32BE(0x0100_0018, 8);
  box.writeUInt32BE(1, 12);
  box.writeUInt32BE(Math.floor(utcMs / 1_000) + 2_208_988_800, 16);
  box.writeUInt32BE(Math.floor(((utcMs % 1_000) / 1_000) * 4_294_967_296), 20);
  return box;
}

/** One camera's frames as the recorder would tell them. */
export class Source {
  readonly muxer = new LiveMuxer([VIDEO]);
  listeners: ((event: LiveEvent) => void)[] = [];
  started = 0;
  stopped = 0;
  frame = 0;

  watch(_stream: StreamId, listener: (event: LiveEvent) => void): () => void {
    this.started += 1;
    this.listeners.push(listener);
    return () => {
      this.stopped += 1;
      this.listeners = this.listeners.filter((one) => one !== listener);
    };
  }

  init(generation = 1): void {
    this.tell({
      kind: "init",
      generation,
      originUtcMs: T0,
      picture: { mime: 'video/mp4; codecs="avc1.4d401e"', width: 640, height: 360 },
      bytes: this.muxer.init,
    });
  }

  send(key: boolean, bytes = 50): void {
    const at = this.frame++;
    this.tell({ kind: "fragment", generation: 1, key, utcMs: T0 + at * 40, durationMs: 40, bytes: new Uint8Array(bytes) });
  }

  tell(event: LiveEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

export interface Stage {
  readonly clock: TestClock;
  readonly source: Source;
  readonly files: Files;
  readonly gateway: Gateway;
  readonly order: string[];
  readonly uses: NewUse[];
  readonly ends: { session: SessionId; result: UseResult }[];
  readonly pieces: FootagePiece[];
  readonly gaps: GapPiece[];
  answer: (ask: GrantAsk) => GrantAnswer;
  beforeRegister: () => void | Promise<void>;
  change(grant: string, code: GrantEnd): void;
}

/** A gateway with everything around it in memory. */
export function stage(): Stage {
  const clock = new TestClock(T0);
  const source = new Source();
  const files = new Files();
  const listeners = new Set<(grant: GrantId, code: GrantEnd) => void>();
  const order: string[] = [];
  const one: Omit<Stage, "gateway"> = {
    clock,
    source,
    files,
    order,
    uses: [],
    ends: [],
    pieces: [],
    gaps: [],
    answer: (ask) => ({
      allowed: true,
      expiresAt: T0 + 3_600_000,
      purpose: "duty",
      basis: "role:duty",
      span: ask.target === "live" ? undefined : { from: T0, to: T0 + 600_000 },
    }),
    beforeRegister: () => {},
    change: (grant, code) => {
      for (const listener of [...listeners]) listener(grant as GrantId, code);
    },
  };
  let sessions = 0;
  const gateway = createGateway({
    clock,
    frames: source,
    files,
    log: () => {},
    grants: {
      check: (ask) => made.answer(ask),
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    register: {
      begin: async (use) => {
        await made.beforeRegister();
        order.push("registered");
        made.uses.push(use);
        return `s${++sessions}` as SessionId;
      },
      end: async (session, result) => {
        made.ends.push({ session, result });
      },
    },
    index: {
      next: async (_stream, at) => {
        const piece = made.pieces.find((candidate) => candidate.to > at);
        return { piece, gaps: made.gaps.filter((gap) => gap.to > at && (piece === undefined || gap.from < piece.from)) };
      },
    },
  });
  const made: Stage = Object.assign(one, { gateway });
  return made;
}

/** Lets promises run, and the test clock with them. */
export async function settle(clock?: TestClock, byMs = 0): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    if (clock !== undefined && byMs > 0 && turn < 10) clock.advance(byMs / 10);
  }
}
