import { SDP_BYTES_MAX } from "../sdp/sdp.ts";
import { latin1Text } from "../text.ts";
import { HEAD_BYTES_MAX, type RtspHead, type RtspMessage, parseHead } from "./message.ts";

/** Bytes of a message's body. A larger one is refused: only a session description is ever long. */
export const BODY_BYTES_MAX = SDP_BYTES_MAX;
/** Bytes skipped in a row in search of the next packet before the stream counts as garbage. */
export const GARBAGE_BYTES_MAX = 256 * 1024;

const DOLLAR = 0x24;
const CARRY_BYTES = 4 + 65_535;
const EMPTY = new Uint8Array(0);

/** What the framing gives: packets as ranges that are valid only during the call, and whole messages. */
export interface FramingTaker {
  interleaved(channel: number, b: Uint8Array, start: number, end: number): void;
  /** True when packets of this channel are expected: decides where to begin again after garbage. */
  knowsChannel(channel: number): boolean;
  message(message: RtspMessage): void;
  /** The bytes break the protocol beyond repair. */
  broken(detail: "head-too-long" | "body-too-long" | "garbage"): void;
}

/**
 * Splits a connection's bytes into interleaved packets (RFC 2326 10.12) and messages. Packets lying whole in a read
 * are given where they lie; only one that straddles two reads is copied. Packets may also come between the lines of
 * a message and before its body, as some cameras send them.
 */
export class RtspFraming {
  readonly #taker: FramingTaker;
  #carry: Uint8Array = EMPTY;
  #carried = 0;
  #line: string = "";
  #lines: string[] = [];
  #headBytes = 0;
  #head: RtspHead | undefined;
  #body: Uint8Array = EMPTY;
  #bodyBytes = 0;
  #inGarbage = false;
  #stopped = false;
  #garbageRun = 0;
  garbageBytes = 0;

  constructor(taker: FramingTaker) {
    this.#taker = taker;
  }

  /** Takes b[start, end), which may be cut anywhere. */
  receive(b: Uint8Array, start: number, end: number): void {
    let at = this.#carried > 0 ? this.#resume(b, start, end) : start;
    while (at < end && !this.#stopped) {
      if (b[at] === DOLLAR && this.#mayBegin()) {
        if (this.#inGarbage && !this.#candidate(b, at, end)) {
          at = this.#skip(at);
          continue;
        }
        const next = end - at < 4 ? end + 1 : at + 4 + (((b[at + 2] as number) << 8) | (b[at + 3] as number));
        if (next > end || (this.#inGarbage && end - at < 5)) {
          this.#keep(b, at, end);
          return;
        }
        this.#inGarbage = false;
        this.#garbageRun = 0;
        this.#taker.interleaved(b[at + 1] as number, b, at + 4, next);
        at = next;
      } else at = this.#head === undefined ? this.#text(b, at, end) : this.#bodyPart(b, at, end);
    }
  }

  /** Nothing more is taken. */
  stop(): void {
    this.#stopped = true;
  }

  #mayBegin(): boolean {
    return this.#head === undefined ? this.#line === "" : this.#bodyBytes === 0;
  }

  /** After garbage a packet is believed when its channel is ours and its payload could be RTP or RTCP of version 2. */
  #candidate(b: Uint8Array, at: number, end: number): boolean {
    if (end - at > 1 && !this.#taker.knowsChannel(b[at + 1] as number)) return false;
    return end - at < 5 || (b[at + 4] as number) >> 6 === 2;
  }

  #skip(at: number): number {
    this.#inGarbage = true;
    this.garbageBytes += 1;
    this.#garbageRun += 1;
    if (this.#garbageRun > GARBAGE_BYTES_MAX) this.#fail("garbage");
    return at + 1;
  }

  #fail(detail: "head-too-long" | "body-too-long" | "garbage"): void {
    this.#stopped = true;
    this.#taker.broken(detail);
  }

  #keep(b: Uint8Array, at: number, end: number): void {
    const needed = end - at < 4 ? 4 : 4 + (((b[at + 2] as number) << 8) | (b[at + 3] as number));
    this.#room(Math.max(needed, 5));
    this.#carry.set(b.subarray(at, end), 0);
    this.#carried = end - at;
  }

  /** Room for a packet; grows in steps and stays, so that memory follows the packets really seen. */
  #room(bytes: number): void {
    if (this.#carry.length >= bytes) return;
    const grown = new Uint8Array(Math.min(CARRY_BYTES, Math.max(2048, 2 * bytes)));
    grown.set(this.#carry.subarray(0, this.#carried), 0);
    this.#carry = grown;
  }

  /** Completes the carried packet from b[start, end) and gives it; returns where to go on. */
  #resume(b: Uint8Array, start: number, end: number): number {
    let at = start;
    while (this.#carried > 0 && at < end) {
      const wanted = this.#carried < 4 ? 4 : 4 + (((this.#carry[2] as number) << 8) | (this.#carry[3] as number));
      const least = this.#inGarbage ? 5 : 4;
      const goal = this.#carried < least ? least : wanted;
      this.#room(goal);
      const take = Math.min(goal - this.#carried, end - at);
      this.#carry.set(b.subarray(at, at + take), this.#carried);
      this.#carried += take;
      at += take;
      if (this.#inGarbage && !this.#candidate(this.#carry, 0, this.#carried)) this.#dropCarried();
      else if (this.#carried >= least) this.#giveCarried();
    }
    return at;
  }

  #giveCarried(): void {
    const size = 4 + (((this.#carry[2] as number) << 8) | (this.#carry[3] as number));
    if (this.#carried < size) return;
    const rest = this.#carried - size;
    this.#carried = 0;
    this.#inGarbage = false;
    this.#garbageRun = 0;
    const carry = this.#carry;
    if (rest === 0) this.#taker.interleaved(carry[1] as number, carry, 4, size);
    else this.#again(carry.slice(0, size + rest), size, rest);
  }

  /** A search after garbage looked one byte beyond a packet without payload: that byte is read again. */
  #again(bytes: Uint8Array, size: number, rest: number): void {
    this.#taker.interleaved(bytes[1] as number, bytes, 4, size);
    this.receive(bytes, size, size + rest);
  }

  /** What was carried is no packet: its first byte is garbage, the others are looked at again. */
  #dropCarried(): void {
    const bytes = this.#carry.slice(0, this.#carried);
    this.#carried = 0;
    this.#skip(0);
    if (!this.#stopped) this.receive(bytes, 1, bytes.length);
  }

  /** Takes text up to the end of its line, or garbage up to something that may be a beginning. */
  #text(b: Uint8Array, start: number, end: number): number {
    if (this.#inGarbage) {
      if (b[start] !== 0x52) return this.#skip(start);
      this.#inGarbage = false;
    }
    let at = start;
    while (at < end && b[at] !== 10) {
      const code = b[at] as number;
      if (this.#lines.length === 0 && !this.#fitsFirstLine(code, at - start)) return this.#garbageLine(at);
      at += 1;
    }
    this.#headBytes += at - start + 1;
    if (this.#headBytes > HEAD_BYTES_MAX) {
      this.#fail("head-too-long");
      return end;
    }
    this.#line += latin1Text(b, start, at);
    if (at === end) return at;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    this.#lineEnds(line);
    return at + 1;
  }

  /** The first 5 characters of a message are capitals, `_`, a slash or a space; later ones are printable. */
  #fitsFirstLine(code: number, offset: number): boolean {
    if (code === 13) return true;
    const position = this.#line.length + offset;
    if (position < 3) return code >= 0x41 && code <= 0x5a;
    return code >= 0x20 && code < 0x7f;
  }

  #garbageLine(at: number): number {
    this.garbageBytes += this.#line.length;
    this.#line = "";
    this.#headBytes = 0;
    return this.#skip(at);
  }

  #lineEnds(line: string): void {
    if (line !== "") {
      this.#lines.push(line);
      return;
    }
    if (this.#lines.length === 0) {
      this.#headBytes = 0;
      return;
    }
    const head = parseHead(this.#lines);
    this.#lines = [];
    this.#headBytes = 0;
    if (head === undefined) {
      this.#skip(0);
      return;
    }
    if (head.bodyBytes > BODY_BYTES_MAX) {
      this.#fail("body-too-long");
      return;
    }
    if (head.bodyBytes === 0) this.#taker.message({ ...head, body: EMPTY });
    else {
      this.#head = head;
      this.#body = new Uint8Array(head.bodyBytes);
      this.#bodyBytes = 0;
    }
  }

  #bodyPart(b: Uint8Array, start: number, end: number): number {
    const take = Math.min(this.#body.length - this.#bodyBytes, end - start);
    this.#body.set(b.subarray(start, start + take), this.#bodyBytes);
    this.#bodyBytes += take;
    const head = this.#head;
    if (this.#bodyBytes === this.#body.length && head !== undefined) {
      this.#head = undefined;
      this.#taker.message({ ...head, body: this.#body });
    }
    return start + take;
  }
}
