import type { CameraId, GrantId, SessionId, Span, UnitId, UserId, UtcMs } from "@mingjian/vocab";

export type Action = "view" | "copy";

/** Live view, or footage of one span. */
export type Scope = { readonly kind: "live" } | { readonly kind: "span"; readonly span: Span };

/** The only key to pictures. */
export interface Grant {
  readonly id: GrantId;
  readonly user: UserId;
  readonly cameras: readonly CameraId[];
  readonly scope: Scope;
  readonly actions: readonly Action[];
  readonly purpose: string;
  /** Why it was given: `role:duty`, later articles of law. */
  readonly basis: string;
  readonly issuedAt: UtcMs;
  readonly expiresAt: UtcMs;
  readonly revokedAt: UtcMs | null;
  readonly revokedBy: string | null;
}

/** Who asks: facts from identity. */
export interface Person {
  readonly id: UserId;
  readonly unit: UnitId | null;
  readonly roles: readonly string[];
}

export interface GrantRequest {
  /** The caller's, so that the same request twice is one grant; made here when absent. */
  readonly id?: GrantId | undefined;
  readonly cameras: readonly CameraId[];
  readonly scope: Scope;
  readonly actions: readonly Action[];
  readonly purpose: string;
}

export type RefusalCode = "grant-needed" | "grant-expired" | "grant-revoked" | "not-allowed" | "database-away";

export type CheckAnswer = { readonly allowed: true; readonly grant: Grant } | { readonly allowed: false; readonly code: RefusalCode };

export interface CheckQuestion {
  readonly grant: GrantId;
  readonly user: UserId;
  readonly camera: CameraId;
  readonly action: Action;
  /** A span is allowed when the grant's span holds the whole of it. */
  readonly scope: Scope;
}

/** A grant stopped being good: end every stream that runs on it now. */
export interface GrantEnded {
  readonly grant: GrantId;
  readonly code: RefusalCode;
}

export interface GrantFilter {
  readonly user?: UserId | undefined;
  readonly activeOnly?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** Every use of footage, one line each: what began. */
export interface UseBegun {
  /** The caller's, so that a repeated beginning is one line; made here when absent. */
  readonly id?: SessionId | undefined;
  readonly grant: GrantId;
  readonly user: UserId;
  readonly camera: CameraId;
  readonly action: "live" | "playback" | "copy";
  readonly scope: Scope;
  /** Network address of the client. */
  readonly address: string;
}

export interface UseEnded {
  readonly bytes: number;
  readonly frames: number;
  /** Span of footage that was served; null when nothing was. */
  readonly servedFrom: UtcMs | null;
  readonly servedTo: UtcMs | null;
  /** `client-left`, `grant-revoked`, `grant-expired`, `database-away`, `stopping`, `our-restart`, `finished`... */
  readonly cause: string;
}

export interface RegisterLine {
  readonly id: SessionId;
  readonly grant: GrantId;
  readonly user: UserId;
  readonly camera: CameraId;
  readonly action: UseBegun["action"];
  readonly scope: Scope;
  readonly address: string;
  readonly purpose: string;
  readonly basis: string;
  readonly startedAt: UtcMs;
  readonly endedAt: UtcMs | null;
  readonly endCause: string | null;
  readonly servedFrom: UtcMs | null;
  readonly servedTo: UtcMs | null;
  readonly bytes: number;
  readonly frames: number;
}

export interface RegisterFilter {
  readonly from?: UtcMs | undefined;
  readonly to?: UtcMs | undefined;
  readonly camera?: CameraId | undefined;
  readonly user?: UserId | undefined;
  readonly grant?: GrantId | undefined;
  readonly openOnly?: boolean | undefined;
  /** At most REGISTER_PAGE_MAX. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly before?: string | undefined;
}

export interface RegisterPage {
  readonly lines: readonly RegisterLine[];
  readonly next: string | null;
}

export interface Access {
  /** @throws Fault `not-allowed` with `reason`, `bad-input` with `pointer`, `database-away`. */
  issueFromRole(person: Person, request: GrantRequest): Promise<Grant>;
  /** From memory, or from the database the first time. Never throws. */
  check(question: CheckQuestion): Promise<CheckAnswer>;
  /** From memory alone: what `check` answered before still holds. For the media path, per fragment. */
  checkNow(question: CheckQuestion): CheckAnswer;
  grant(id: GrantId): Promise<Grant | undefined>;
  grants(filter: GrantFilter): Promise<readonly Grant[]>;
  /** Ends running streams at once, before it is stored; a Fault `database-away` then means: not stored, do it again. */
  revoke(id: GrantId, by: string): Promise<void>;
  /** Revokes all grants of a person: disabled, or roles or unit changed. */
  revokeAllOf(user: UserId, by: string): Promise<void>;
  /** Told of each grant this process has looked at when it is revoked (by any process) or expires. The answer ends it. */
  onEnded(heard: (ended: GrantEnded) => void): () => void;
  /**
   * Puts a use into the register. Resolves only after it is stored; until then not one byte may leave.
   * @throws Fault `register-failed` (no picture), or the refusal of `check` under its code.
   */
  beginUse(use: UseBegun): Promise<SessionId>;
  /** Never throws and never waits for the database: kept in memory and stored as soon as it can be. */
  endUse(id: SessionId, end: UseEnded): void;
  register(filter: RegisterFilter): Promise<RegisterPage>;
  /** Uses that a crash left open end with cause `our-restart`; called once at start. Gives how many. */
  closeLeftOpen(): Promise<number>;
  /** Stores the ends still in memory. */
  close(): Promise<void>;
}
