import type { UnitId, UserId, UtcMs } from "@mingjian/vocab";

export type Role = "administrator" | "security-chief" | "duty" | "auditor";

export interface User {
  readonly id: UserId;
  /** What is typed at sign-in; unique whatever the case. */
  readonly name: string;
  readonly displayName: string;
  readonly unit: UnitId | null;
  readonly roles: readonly Role[];
  readonly totp: boolean;
  readonly disabled: boolean;
  /** Locked out after failed sign-ins until then. */
  readonly lockedUntil: UtcMs | null;
}

/** One sign-in that has not ended. `id` is not the secret in the cookie. */
export interface SignedIn {
  readonly id: string;
  readonly user: User;
  readonly createdAt: UtcMs;
  readonly expiresAt: UtcMs;
  readonly address: string | null;
  readonly agent: string | null;
}

/** Whence a call comes: network address and User-Agent. */
export interface Caller {
  readonly address: string;
  readonly agent: string;
}

/** A new session: the value of each Set-Cookie header to send, and who it is. */
export interface Entered {
  readonly setCookies: readonly string[];
  readonly session: SignedIn;
}

export type SignInAnswer =
  | ({ readonly kind: "entered" } & Entered)
  /** Name and password are right; call again with `code` (TOTP or backup code). */
  | { readonly kind: "second-factor-needed" };

export interface NewUser {
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
  readonly unit: UnitId | null;
  readonly roles: readonly Role[];
}

export interface SetupInput {
  readonly token: string;
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
  readonly roles?: readonly Role[] | undefined;
  readonly makeUnit?: (() => Promise<UnitId>) | undefined;
}

export interface UserChange {
  readonly displayName?: string | undefined;
  /** Set by an administrator; ends all sessions of the user. */
  readonly password?: string | undefined;
  readonly unit?: UnitId | null | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly disabled?: boolean | undefined;
  /** true lifts a lock-out. */
  readonly unlock?: boolean | undefined;
  /** true removes the second factor: the person lost the device. */
  readonly resetTotp?: boolean | undefined;
}

export interface Identity {
  /** True while there is no user. */
  setupNeeded(): Promise<boolean>;
  /** A fresh one-time token for the first administrator, replacing earlier ones; undefined when there is a user. Only its hash is stored. */
  issueSetupToken(): Promise<string | undefined>;
  /**
   * Makes the first user and signs them in. `makeUnit` is called once the token is known to be right; it may be called
   * again by a second try. Roles must hold administrator, which is the default.
   * @throws Fault `setup-done`, `setup-token-wrong`, `bad-input`.
   */
  setup(input: SetupInput, caller: Caller): Promise<Entered>;
  /** @throws Fault `sign-in-wrong` (says not which), `locked-out` (`details.retryAfterSeconds`), `second-factor-wrong`. */
  signIn(input: { readonly name: string; readonly password: string; readonly code?: string | undefined }, caller: Caller): Promise<SignInAnswer>;
  /** Who sends this Cookie header; undefined when nobody, the session ended, or the user is disabled. */
  session(cookieHeader: string | undefined): Promise<SignedIn | undefined>;
  /** Ends the session of this Cookie header; gives the Set-Cookie values that clear it. */
  signOut(cookieHeader: string | undefined): Promise<readonly string[]>;
  sessions(user: UserId): Promise<readonly SignedIn[]>;
  /** By the `id` of a listed session of that user. @throws Fault `not-found`. */
  revokeSession(user: UserId, id: string): Promise<void>;
  /** Told when sessions end before their time (session id, or all of a user): close what runs for them. The answer ends it. */
  onSessionsEnded(heard: (ended: { readonly user: UserId; readonly session?: string | undefined }) => void): () => void;
  users(): Promise<readonly User[]>;
  user(id: UserId): Promise<User | undefined>;
  userByName(name: string): Promise<User | undefined>;
  /** @throws Fault `conflict` when the name is taken, `bad-input`. */
  addUser(user: NewUser): Promise<User>;
  /** Changes of roles, unit, password or `disabled` end the user's sessions. The last enabled administrator stays: else Fault `conflict`. */
  changeUser(id: UserId, change: UserChange): Promise<User>;
  /** By the person; ends their other sessions. @throws Fault `sign-in-wrong`, `bad-input`. */
  changePassword(cookieHeader: string, current: string, next: string, caller: Caller): Promise<Entered>;
  /** Begins the second factor; it counts only after `confirmTotp`. @throws Fault `sign-in-wrong`, `conflict` when it is on. */
  beginTotp(cookieHeader: string, password: string): Promise<{ readonly uri: string; readonly backupCodes: readonly string[] }>;
  /** @throws Fault `second-factor-wrong`. Gives fresh cookies. */
  confirmTotp(cookieHeader: string, code: string, caller: Caller): Promise<Entered>;
  disableTotp(cookieHeader: string, password: string, caller: Caller): Promise<Entered>;
  close(): void;
}
