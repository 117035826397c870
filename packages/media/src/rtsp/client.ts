import { ReceptionStatistics } from "../rtcp/reception.ts";
import type { ChunkPool } from "../rope.ts";
import { ReorderBuffer } from "../rtp/reorder.ts";
import { type OpenSink, StreamReceiver } from "../rtp/stream-receiver.ts";
import { planStream, type TrackPlan } from "../rtp/track-plan.ts";
import { parseSdp } from "../sdp/sdp.ts";
import type { GapCause } from "../stream.ts";
import { authorise, type Challenge, chooseChallenge, type Credentials, type TextHashes } from "./authentication.ts";
import { failureOfStatus, type RtspEvent, type RtspFailure, rtspFailure, type RtspStep } from "./events.ts";
import { type FramingTaker, RtspFraming } from "./framing.ts";
import { parseSession, parseTransport, SESSION_TIMEOUT_MS } from "./headers.ts";
import { firstHabit, keepAliveMs, type KeepAliveHabit, nextHabit } from "./keep-alive.ts";
import { bodyText, headerOf, headersOf, type RtspMessage, writeRequest, writeResponse } from "./message.ts";
import { formatRtspUrl, parseRtspUrl, resolveControl, type RtspUrl } from "./url.ts";
import { StreamWatch } from "./watch.ts";

/** How long an answer is waited for. */
export const RESPONSE_WAIT_MS = 10_000;
/** How long TEARDOWN's answer is waited for. */
export const TEARDOWN_WAIT_MS = 1_000;
/** Answers of 401 in one request's place: none given yet, one with a spent nonce, one more for luck. */
export const AUTH_TRIES_MAX = 3;
export const RECEIVER_REPORT_MS = 5_000;

export interface RtspClientOptions {
  /** Without credentials; those stand apart. */
  readonly url: RtspUrl;
  readonly credentials: Credentials | undefined;
  /** False after a redirect to another host: the password is not sent in the clear to whom the camera names. */
  readonly basicAllowed: boolean;
  readonly transport: "tcp" | "udp";
  readonly audio: boolean;
  readonly hashes: TextHashes;
  /** Unpredictable hexadecimal text for Digest, and our own SSRC. */
  readonly cnonce: string;
  readonly ssrc: number;
  readonly pool: ChunkPool;
  readonly open: OpenSink;
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly sentMs: number;
  readonly cseq: number;
  readonly challenges: number;
}

/**
 * One RTSP 1.0 connection (RFC 2326) as a machine without input or output: bytes and the time go in; events come out
 * of `drain`, samples go to the sinks that `open` gives, and `deadlineMs` says when `tick` is next due.
 * Never throws for what the camera sends.
 */
export class RtspClient implements FramingTaker {
  readonly #options: RtspClientOptions;
  readonly #framing: RtspFraming;
  readonly #url: string;
  readonly #channels = new Int16Array(256).fill(-1);
  #events: RtspEvent[] = [];
  #nowMs = 0;
  #step: RtspStep = "options";
  #request: Request | undefined;
  #cseq = 0;
  #challenge: Challenge | undefined;
  #nonceUses = 0;
  #session: string | undefined;
  #base: string;
  #aggregate: string;
  #publicMethods: string | undefined;
  #habit: KeepAliveHabit = "GET_PARAMETER";
  #timeoutMs = SESSION_TIMEOUT_MS;
  #keepAliveAtMs = Number.POSITIVE_INFINITY;
  #reportAtMs = Number.POSITIVE_INFINITY;
  #plans: readonly TrackPlan[] = [];
  #setUp = 0;
  #receiver: StreamReceiver | undefined;
  #watch: StreamWatch | undefined;
  #statistics: ReceptionStatistics[] = [];
  #reorder: ReorderBuffer[] = [];
  #failure: RtspFailure | undefined;

  constructor(options: RtspClientOptions) {
    this.#options = options;
    this.#framing = new RtspFraming(this);
    this.#url = formatRtspUrl(options.url);
    this.#base = this.#url;
    this.#aggregate = this.#url;
  }

  get step(): RtspStep {
    return this.#step;
  }

  /** Tracks, counters and whether the sink is open; undefined before SETUP. */
  get receiver(): StreamReceiver | undefined {
    return this.#receiver;
  }

  get garbageBytes(): number {
    return this.#framing.garbageBytes;
  }

  /** Events since the last call. */
  drain(): readonly RtspEvent[] {
    if (this.#events.length === 0) return this.#events;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The connection stands: asks for what the camera can do. */
  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#ask("OPTIONS", this.#url, []);
  }

  /** Bytes b[start, end) of the connection; not kept. */
  receive(b: Uint8Array, start: number, end: number, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#receiver?.arrived(nowMs);
    this.#framing.receive(b, start, end);
    this.#afterSamples();
  }

  /** A whole datagram from a track's RTP or RTCP port; kept until it is in order. */
  datagram(track: number, rtcp: boolean, packet: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#receiver?.arrived(nowMs);
    if (rtcp) this.#receiver?.rtcp(track, packet, 0, packet.length);
    else {
      if (packet.length >= 12)
        this.#statistics[track]?.arrived(
          ((packet[4] as number) << 24) | ((packet[5] as number) << 16) | ((packet[6] as number) << 8) | (packet[7] as number),
          nowMs,
        );
      this.#reorder[track]?.packet(packet, nowMs);
    }
    this.#afterSamples();
  }

  /** The driver bound UDP ports rtpPort and rtpPort + 1 for a track. */
  portsBound(rtpPort: number, nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#step === "setup") this.#askSetup(`RTP/AVP;unicast;client_port=${rtpPort}-${rtpPort + 1}`);
  }

  /** When `tick` is due; Infinity when nothing waits. */
  get deadlineMs(): number {
    let deadline = Math.min(this.#keepAliveAtMs, this.#reportAtMs, this.#watch?.deadlineMs ?? Number.POSITIVE_INFINITY);
    if (this.#request !== undefined) deadline = Math.min(deadline, this.#request.sentMs + this.#waitMs());
    for (const one of this.#reorder) deadline = Math.min(deadline, one.deadlineMs);
    return deadline;
  }

  /** @param held the driver does not read this connection for now, because its sink is full */
  tick(nowMs: number, held = false): void {
    this.#nowMs = nowMs;
    if (held) this.#watch?.rest(nowMs);
    for (const one of this.#reorder) one.tick(nowMs);
    this.#afterSamples();
    const request = this.#request;
    if (request !== undefined && nowMs >= request.sentMs + this.#waitMs()) this.#unanswered(request);
    const failure = this.#step === "playing" ? this.#watch?.judge(nowMs) : undefined;
    if (failure !== undefined) this.#fail(failure);
    if (this.#step !== "playing") return;
    if (nowMs >= this.#keepAliveAtMs) this.#keepAlive();
    if (nowMs >= this.#reportAtMs) this.#sendReports();
  }

  /** Ends the session politely; `over` follows when the camera has answered or its time is up. */
  stop(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#step === "closing" || this.#step === "over") return;
    const inSession = this.#session !== undefined;
    this.#enter("closing");
    this.#request = undefined;
    if (inSession) this.#ask("TEARDOWN", this.#aggregate, []);
    else this.#over();
  }

  /** The connection is gone, or is not wanted any more: finishes the sink. Throws only what the sink throws. */
  closeSink(cause: GapCause): void {
    this.#receiver?.close(cause);
  }

  knowsChannel(channel: number): boolean {
    return (this.#channels[channel] ?? -1) >= 0;
  }

  interleaved(channel: number, b: Uint8Array, start: number, end: number): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    const slot = this.#channels[channel] as number;
    if (slot >= 0 && (slot & 1) === 1) receiver.rtcp(slot >> 1, b, start, end);
    else receiver.rtp(slot >> 1, b, start, end);
  }

  broken(detail: "head-too-long" | "body-too-long" | "garbage"): void {
    const words = {
      "head-too-long": "a message's headers are too long",
      "body-too-long": "the session description is too long",
      garbage: "what the camera sends is not RTSP",
    };
    this.#fail(rtspFailure("camera-bad-stream", words[detail]));
  }

  message(message: RtspMessage): void {
    if (this.#step === "over") return;
    if (message.method !== undefined) this.#answerCamera(message, message.method);
    else if (message.status !== undefined) this.#answered(message, message.status);
  }

  #answerCamera(message: RtspMessage, method: string): void {
    this.#events.push({ type: "send", bytes: writeResponse(headerOf(message, "cseq"), headerOf(message, "session")) });
    const location = headerOf(message, "location");
    if (method === "REDIRECT" && location !== undefined) this.#redirect(location);
    else if (method === "TEARDOWN") this.#fail(rtspFailure("camera-no-data", "the camera ended the session"));
  }

  #answered(message: RtspMessage, status: number): void {
    const request = this.#request;
    const cseq = headerOf(message, "cseq");
    if (request === undefined || status < 200) return;
    if (cseq !== undefined && /^\d+$/.test(cseq.trim()) && Number(cseq) < request.cseq) return;
    this.#request = undefined;
    if (status === 401 && this.#step !== "closing") this.#challenged(message, request);
    else if (status >= 300 && status < 400) this.#redirect(headerOf(message, "location") ?? "");
    else if (this.#step === "playing") this.#keptAlive(request, status);
    else if (this.#step === "closing") this.#over();
    else if (status >= 400 && request.method !== "OPTIONS") this.#fail(failureOfStatus(status, request.method));
    else this.#proceed(request, message);
  }

  #proceed(request: Request, message: RtspMessage): void {
    const session = parseSession(headerOf(message, "session") ?? "");
    if (session !== undefined) {
      this.#session = session.id;
      this.#timeoutMs = session.timeoutMs ?? this.#timeoutMs;
    }
    if (request.method === "OPTIONS") {
      this.#publicMethods = headerOf(message, "public");
      this.#enter("describe");
      this.#ask("DESCRIBE", this.#url, [["Accept", "application/sdp"]]);
    } else if (request.method === "DESCRIBE") this.#described(message);
    else if (request.method === "SETUP") this.#trackSetUp(message);
    else if (request.method === "PLAY") this.#playing();
  }

  #described(message: RtspMessage): void {
    const sdp = parseSdp(bodyText(message));
    if (sdp === undefined) {
      this.#fail(rtspFailure("camera-bad-stream", "the session description names no media"));
      return;
    }
    const plan = planStream(sdp, this.#options.audio);
    if (plan.unsupported !== undefined) {
      this.#fail(rtspFailure("camera-unsupported", `no H.264 or H.265 video; offered: ${plan.unsupported}`));
      return;
    }
    const base = headerOf(message, "content-base") ?? headerOf(message, "content-location") ?? this.#url;
    this.#base = resolveControl(this.#url, parseRtspUrl(base) === undefined ? undefined : base);
    this.#aggregate = resolveControl(this.#base, sdp.control);
    this.#plans = plan.tracks;
    const receiver = new StreamReceiver(plan.tracks, this.#options.pool, this.#options.open);
    receiver.onReport = (report) => this.#events.push({ type: "clock", cameraUtcMs: report.utcMs });
    this.#receiver = receiver;
    this.#statistics = plan.tracks.map((track) => new ReceptionStatistics(track.clockRate));
    if (this.#options.transport === "udp") {
      this.#reorder = plan.tracks.map((_, i) => new ReorderBuffer((packet) => receiver.rtp(i, packet, 0, packet.length)));
    }
    this.#enter("setup");
    this.#setUpNext();
  }

  #setUpNext(): void {
    const track = this.#setUp;
    if (track === this.#plans.length) {
      this.#enter("play");
      this.#ask("PLAY", this.#aggregate, [["Range", "npt=0.000-"]]);
    } else if (this.#options.transport === "udp") this.#events.push({ type: "bind", track });
    else {
      this.#channels[2 * track] = 2 * track;
      this.#channels[2 * track + 1] = 2 * track + 1;
      this.#askSetup(`RTP/AVP/TCP;unicast;interleaved=${2 * track}-${2 * track + 1}`);
    }
  }

  #askSetup(transport: string): void {
    this.#ask("SETUP", resolveControl(this.#base, this.#plans[this.#setUp]?.control), [["Transport", transport]]);
  }

  #trackSetUp(message: RtspMessage): void {
    const track = this.#setUp;
    const transport = parseTransport(headerOf(message, "transport") ?? "");
    if (this.#options.transport === "udp") {
      if (transport.tcp) {
        this.#fail(rtspFailure("camera-transport", "the camera insists on TCP"));
        return;
      }
      const [rtpPort, rtcpPort] = transport.serverPorts ?? [0, 0];
      this.#events.push({ type: "peer", track, host: transport.source, rtpPort, rtcpPort });
    } else if (transport.interleaved !== undefined) {
      const [rtp, rtcp] = transport.interleaved;
      this.#channels[rtp] = 2 * track;
      if (rtcp !== rtp) this.#channels[rtcp] = 2 * track + 1;
    } else if (transport.serverPorts !== undefined) {
      this.#fail(rtspFailure("camera-transport", "the camera insists on UDP"));
      return;
    }
    this.#setUp += 1;
    this.#setUpNext();
  }

  #playing(): void {
    this.#habit = firstHabit(this.#publicMethods);
    this.#keepAliveAtMs = this.#nowMs + keepAliveMs(this.#timeoutMs);
    this.#reportAtMs = this.#nowMs + RECEIVER_REPORT_MS;
    if (this.#receiver !== undefined) this.#watch = new StreamWatch(this.#receiver, this.#nowMs);
    this.#enter("playing");
  }

  #keepAlive(): void {
    this.#keepAliveAtMs = this.#nowMs + keepAliveMs(this.#timeoutMs);
    if (this.#request === undefined && this.#habit !== "none") this.#ask(this.#habit, this.#aggregate, []);
  }

  /** A refused keep-alive is not the end: the next habit is tried at once, and the pictures decide. */
  #keptAlive(request: Request, status: number): void {
    if (status < 400 || request.method !== this.#habit) return;
    this.#habit = nextHabit(this.#habit);
    this.#keepAlive();
  }

  #sendReports(): void {
    this.#reportAtMs = this.#nowMs + RECEIVER_REPORT_MS;
    this.#receiver?.tracks.forEach((track, i) => {
      const statistics = this.#statistics[i];
      if (track.receiver.ssrc < 0 || statistics === undefined) return;
      const bytes = statistics.report(this.#options.ssrc, track.receiver, track.report, track.reportedAtMs, this.#nowMs);
      if (this.#options.transport === "udp") this.#events.push({ type: "datagram", track: i, rtcp: true, bytes });
      else this.#events.push({ type: "send", bytes: this.#onChannel(i, bytes) });
    });
  }

  #onChannel(track: number, bytes: Uint8Array): Uint8Array {
    const channel = Math.max(this.#channels.indexOf(2 * track + 1), 0);
    const packet = new Uint8Array(4 + bytes.length);
    packet.set([0x24, channel, bytes.length >> 8, bytes.length & 255]);
    packet.set(bytes, 4);
    return packet;
  }

  #challenged(message: RtspMessage, request: Request): void {
    const challenge = chooseChallenge(headersOf(message, "www-authenticate"));
    const { credentials, basicAllowed } = this.#options;
    const refusal =
      credentials === undefined
        ? "the camera wants a user name and password"
        : challenge === undefined
          ? "the camera asks for a way of signing in we do not have"
          : challenge.scheme === "basic" && !basicAllowed
            ? "the camera sent us to another host that wants the password in the clear"
            : request.challenges + 1 >= AUTH_TRIES_MAX || (request.challenges > 0 && !challenge.stale)
              ? "the camera does not take the user name or password"
              : undefined;
    if (refusal !== undefined || challenge === undefined) {
      if (this.#step === "playing") return;
      this.#fail(rtspFailure("camera-unauthorised", refusal ?? ""));
      return;
    }
    const spent = this.#challenge !== undefined && request.challenges === 0;
    this.#challenge = challenge;
    this.#nonceUses = 0;
    if (!spent && this.#step !== "playing") this.#events.push({ type: "step", step: "authorise" });
    this.#ask(request.method, request.url, request.headers, request.challenges + 1);
  }

  #redirect(location: string): void {
    const url = parseRtspUrl(location);
    if (url === undefined) this.#fail(rtspFailure("camera-refused", "the camera sends us to a place that is no RTSP URL"));
    else {
      this.#enter("over");
      this.#framing.stop();
      this.#events.push({ type: "redirect", url: formatRtspUrl(url) });
    }
  }

  #ask(method: string, url: string, headers: readonly (readonly [string, string])[], challenges = 0): void {
    this.#cseq += 1;
    this.#request = { method, url, headers, challenges, cseq: this.#cseq, sentMs: this.#nowMs };
    const all: (readonly [string, string])[] = [
      ["CSeq", String(this.#cseq)],
      ["User-Agent", "Mingjian"],
    ];
    const { credentials, cnonce, hashes } = this.#options;
    if (this.#challenge !== undefined && credentials !== undefined) {
      this.#nonceUses += 1;
      all.push(["Authorization", authorise(this.#challenge, credentials, method, url, this.#nonceUses, cnonce, hashes)]);
    }
    if (this.#session !== undefined) all.push(["Session", this.#session]);
    this.#events.push({ type: "send", bytes: writeRequest(method, url, [...all, ...headers]) });
  }

  #waitMs(): number {
    return this.#step === "closing" ? TEARDOWN_WAIT_MS : RESPONSE_WAIT_MS;
  }

  /** Some cameras answer no keep-alive while they send: then only the pictures count. */
  #unanswered(request: Request): void {
    this.#request = undefined;
    if (this.#step === "closing") this.#over();
    else if (this.#step !== "playing") this.#fail(rtspFailure("camera-unreachable", `${request.method} was not answered`));
  }

  #afterSamples(): void {
    const refused = this.#receiver?.refused;
    if (refused !== undefined && this.#step === "playing")
      this.#fail({ code: "camera-refused", cause: refused, detail: "the recorder does not take the stream" });
  }

  #enter(step: RtspStep): void {
    this.#step = step;
    this.#events.push({ type: "step", step });
  }

  #fail(failure: RtspFailure): void {
    if (this.#failure !== undefined || this.#step === "over") return;
    this.#failure = failure;
    this.#framing.stop();
    this.#request = undefined;
    this.#enter("over");
    this.#events.push({ type: "failed", failure });
  }

  #over(): void {
    this.#enter("over");
    this.#events.push({ type: "over" });
  }
}
