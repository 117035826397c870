import { MEDIA_HEADER_BYTES, MEDIA_KIND_FRAGMENT, MEDIA_KIND_INIT, writeMediaHeader } from "@mingjian/contract";
import type { ServerMessage } from "@mingjian/contract";
import { isFault } from "@mingjian/vocab";
import type { Clock } from "../ports/index.ts";
import type { GrantAnswer, Grants, MediaOut, NewUse, Register, SessionId, Span, UtcMs, Viewer } from "./needs.ts";

/** The longest delay one timer is set for; longer expiries are asked for again. */
const TIMER_MS_MAX = 3_600_000;

export interface SessionDoors {
  readonly clock: Clock;
  readonly grants: Grants;
  readonly register: Register;
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void;
}

/**
 * One use of footage: entered in the register before its first byte, cut when its grant ends, closed in the
 * register with what was served. Live and playback stand on it.
 */
export class ViewingSession {
  readonly id: SessionId;
  readonly grantSpan: Span | undefined;
  readonly #doors: SessionDoors;
  readonly #out: MediaOut;
  readonly #viewer: Viewer;
  readonly #stops: (() => void)[] = [];
  #sequence = 0;
  #bytes = 0;
  #frames = 0;
  #servedFrom: UtcMs | undefined;
  #servedTo: UtcMs | undefined;
  #ended = false;

  private constructor(doors: SessionDoors, out: MediaOut, viewer: Viewer, id: SessionId, grantSpan: Span | undefined) {
    this.#doors = doors;
    this.#out = out;
    this.#viewer = viewer;
    this.id = id;
    this.grantSpan = grantSpan;
  }

  /** Checks the grant, writes the register, and only then returns a session that can send. Otherwise tells why and closes. */
  static async begin(doors: SessionDoors, out: MediaOut, viewer: Viewer, action: NewUse["action"], target: "live" | Span): Promise<ViewingSession | undefined> {
    const ask = { grant: viewer.grant, user: viewer.user, camera: viewer.camera, action: action === "copy" ? "copy" : "view", target } as const;
    // A change between the answer and the register entry must not be missed.
    let changed: string | undefined;
    const unlisten = doors.grants.onChange((grant, code) => {
      if (grant === viewer.grant) changed = code;
    });
    try {
      const answer = await doors.grants.check(ask);
      if (!answer.allowed) return refuse(out, answer.code);
      const id = await doors.register.begin({ grant: viewer.grant, user: viewer.user, camera: viewer.camera, action, target, address: viewer.address });
      const session = new ViewingSession(doors, out, viewer, id, answer.span);
      if (changed === undefined) session.#guard(answer);
      else session.end(changed);
      return session.ended ? undefined : session;
    } catch (error) {
      doors.log("register-failed", { camera: viewer.camera, error: String(error) });
      return refuse(out, isFault(error) ? error.code : "register-failed");
    } finally {
      unlisten();
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  get waitingBytes(): number {
    return this.#out.waitingBytes();
  }

  /** Runs when the session ends, whatever ended it. */
  onEnd(stop: () => void): void {
    if (this.#ended) stop();
    else this.#stops.push(stop);
  }

  tell(message: ServerMessage): void {
    if (!this.#ended) this.#out.text(JSON.stringify(message));
  }

  sendInit(generation: number, bytes: Uint8Array): void {
    this.#send({ kind: MEDIA_KIND_INIT, key: false, generation, sequence: this.#sequence, utcMs: 0, durationMs: 0 }, bytes);
  }

  sendFragment(generation: number, key: boolean, utcMs: UtcMs, durationMs: number, bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#send({ kind: MEDIA_KIND_FRAGMENT, key, generation, sequence: this.#sequence, utcMs, durationMs }, bytes);
    this.served(utcMs, durationMs, bytes.length);
  }

  /** Counts footage that left, for the register. */
  served(utcMs: UtcMs, durationMs: number, bytes: number): void {
    this.#bytes += bytes;
    this.#frames += 1;
    this.#servedFrom = Math.min(this.#servedFrom ?? utcMs, utcMs);
    this.#servedTo = Math.max(this.#servedTo ?? utcMs, utcMs + durationMs);
  }

  /** Ends the session once; the register is told what was served. */
  end(code: string, detail = ""): void {
    if (this.#ended) return;
    this.tell({ type: "end", code, detail });
    this.#ended = true;
    this.#out.close();
    for (const stop of this.#stops.splice(0)) stop();
    const result = { cause: code, bytes: this.#bytes, frames: this.#frames, servedFrom: this.#servedFrom, servedTo: this.#servedTo };
    this.#doors.register.end(this.id, result).catch((error: unknown) => {
      this.#doors.log("register-end-failed", { session: this.id, error: String(error) });
    });
  }

  #send(header: Parameters<typeof writeMediaHeader>[1], payload: Uint8Array): void {
    if (this.#ended) return;
    const head = new Uint8Array(MEDIA_HEADER_BYTES);
    writeMediaHeader(head, header);
    this.#sequence += 1;
    this.#out.bytes(head, payload);
  }

  #guard(answer: GrantAnswer & { allowed: true }): void {
    this.onEnd(
      this.#doors.grants.onChange((grant, code) => {
        if (grant === this.#viewer.grant) this.end(code);
      }),
    );
    const arm = (): void => {
      const left = answer.expiresAt - this.#doors.clock.utcMs();
      if (left <= 0) {
        this.end("grant-expired");
        return;
      }
      const alarm = this.#doors.clock.after(Math.min(left, TIMER_MS_MAX), arm);
      cancel = () => alarm.cancel();
    };
    let cancel = (): void => {};
    arm();
    this.onEnd(() => cancel());
  }
}

function refuse(out: MediaOut, code: string): undefined {
  const message: ServerMessage = { type: "end", code, detail: "" };
  out.text(JSON.stringify(message));
  out.close();
  return undefined;
}
