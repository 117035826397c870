import { isFault } from "@mingjian/vocab";
import type { GrantId, UserId } from "@mingjian/vocab";
import type { Alarm, Clock, Database } from "../ports/index.ts";
import { judge } from "./judge.ts";
import type { CheckAnswer, CheckQuestion, Grant, GrantEnded, RefusalCode } from "./model.ts";
import { GRANT_COLUMNS, grantOf } from "./rows.ts";
import type { GrantRow } from "./rows.ts";

/** Grants held in memory; the one looked at longest ago makes room. */
export const GRANTS_IN_MEMORY_MAX = 20_000;
/** Without word from the database for so long, revocations may have been missed: running streams end, checks are refused. */
export const BLIND_MS_MAX = 10_000;
/** Timers are no more exact than this; also bounds how late a set-back clock is noticed. */
const EXPIRY_BEAT_MS = 250;
const EXPIRED_KEPT_MS = 60_000;

interface Held {
  grant: Grant;
  /** Told as ended; not told again. */
  told: boolean;
}

/**
 * The grants this process has looked at. What is in it is as the database has it, as long as the listener hears;
 * when it hears again after a pause everything held is read again.
 */
export class GrantMemory {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #held = new Map<GrantId, Held>();
  readonly #heard = new Set<(ended: GrantEnded) => void>();
  readonly #beat: Alarm;
  readonly #revokedHere = new Map<GrantId, string>();
  #deafSinceMs: number | undefined;
  #blind = false;
  #hears = false;
  #reading = false;
  #stop: () => void = () => undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#deafSinceMs = clock.monotonicMs();
    this.#beat = clock.every(EXPIRY_BEAT_MS, () => this.#look());
  }

  async open(): Promise<void> {
    this.#stop = await this.#database.listen("grant_revoked", {
      message: (id) => this.#revoked(id as GrantId),
      connected: (connected) => this.#connected(connected),
    });
  }

  close(): void {
    this.#beat.cancel();
    this.#stop();
    this.#heard.clear();
  }

  onEnded(heard: (ended: GrantEnded) => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  async check(question: CheckQuestion): Promise<CheckAnswer> {
    if (this.#held.has(question.grant)) return this.checkNow(question);
    try {
      await this.load([question.grant]);
    } catch (error) {
      if (!isFault(error)) throw error;
      return { allowed: false, code: "database-away" };
    }
    return this.checkNow(question);
  }

  checkNow(question: CheckQuestion): CheckAnswer {
    if (this.#blind) return { allowed: false, code: "database-away" };
    const held = this.#held.get(question.grant);
    const answer = judge(held?.grant, question, this.#clock.utcMs());
    if (answer.allowed && held?.told === true) return { allowed: false, code: "grant-expired" };
    return answer;
  }

  /** Ends what runs on these grants here, before anybody else knows. */
  revokeHere(ids: readonly GrantId[], by: string): void {
    for (const id of ids) {
      this.#remember(id, by);
      this.#revoked(id);
    }
  }

  #remember(id: GrantId, by: string): void {
    if (!this.#revokedHere.has(id)) this.#revokedHere.set(id, by);
    for (const oldest of this.#revokedHere.keys()) {
      if (this.#revokedHere.size <= GRANTS_IN_MEMORY_MAX) break;
      this.#revokedHere.delete(oldest);
    }
  }

  heldOf(user: UserId): readonly GrantId[] {
    return [...this.#held].filter(([, held]) => held.grant.user === user).map(([id]) => id);
  }

  async load(ids: readonly GrantId[]): Promise<void> {
    const rows = await this.#database.query<GrantRow>(`select ${GRANT_COLUMNS} from grants where id = any($1)`, [ids]);
    for (const row of rows) this.#hold(grantOf(row));
  }

  #hold(fresh: Grant): void {
    const known = this.#held.get(fresh.id);
    // A revocation heard of while the row was on its way must not be undone by it.
    const revokedBy = this.#revokedHere.get(fresh.id) ?? (known?.grant.revokedAt != null ? known.grant.revokedBy : null);
    const grant: Grant =
      revokedBy != null && fresh.revokedAt === null ? { ...fresh, revokedAt: known?.grant.revokedAt ?? this.#clock.utcMs(), revokedBy } : fresh;
    this.#held.delete(fresh.id);
    this.#held.set(fresh.id, { grant, told: known?.told ?? false });
    if (grant.revokedAt !== null) this.#end(grant.id, "grant-revoked");
    for (const [oldest, held] of this.#held) {
      if (this.#held.size <= GRANTS_IN_MEMORY_MAX) break;
      this.#held.delete(oldest);
      if (!held.told) this.#tell({ grant: oldest, code: "grant-needed" });
    }
  }

  #revoked(id: GrantId): void {
    const held = this.#held.get(id);
    if (held === undefined) {
      // Perhaps being loaded at this moment.
      this.#remember(id, "another process");
      return;
    }
    if (held.grant.revokedAt === null) {
      held.grant = { ...held.grant, revokedAt: this.#clock.utcMs(), revokedBy: this.#revokedHere.get(id) ?? "another process" };
    }
    this.#end(id, "grant-revoked");
  }

  #connected(connected: boolean): void {
    this.#hears = connected;
    if (connected) this.#readAgain();
    else this.#deafSinceMs ??= this.#clock.monotonicMs();
  }

  /** What was missed while nobody listened. Tried on each beat until it succeeds. */
  #readAgain(): void {
    if (this.#reading) return;
    this.#reading = true;
    const ids = [...this.#held].filter(([, held]) => !held.told).map(([id]) => id);
    this.load(ids)
      .then(
        () => {
          if (!this.#hears) return;
          this.#deafSinceMs = undefined;
          this.#blind = false;
        },
        () => undefined,
      )
      .finally(() => {
        this.#reading = false;
      });
  }

  #look(): void {
    const now = this.#clock.utcMs();
    for (const [id, held] of this.#held) {
      if (now < held.grant.expiresAt) continue;
      this.#end(id, "grant-expired");
      if (now >= held.grant.expiresAt + EXPIRED_KEPT_MS) this.#held.delete(id);
    }
    if (this.#deafSinceMs === undefined) return;
    if (!this.#blind && this.#clock.monotonicMs() - this.#deafSinceMs >= BLIND_MS_MAX) this.#goBlind();
    if (this.#hears) this.#readAgain();
  }

  #goBlind(): void {
    this.#blind = true;
    for (const [id, held] of this.#held) if (!held.told) this.#tell({ grant: id, code: "database-away" });
  }

  #end(id: GrantId, code: RefusalCode): void {
    const held = this.#held.get(id);
    if (held === undefined || held.told) return;
    held.told = true;
    this.#tell({ grant: id, code });
  }

  #tell(ended: GrantEnded): void {
    for (const heard of this.#heard) heard(ended);
  }
}
