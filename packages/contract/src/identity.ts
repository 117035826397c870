import { Type } from "typebox";
import type { Static } from "typebox";
import { Id, Instant } from "./common.ts";

export const ROLES = ["administrator", "security-chief", "duty", "auditor"] as const;
export const Role = Type.Enum(ROLES);
export type Role = (typeof ROLES)[number];

export const UserName = Type.String({ minLength: 2, maxLength: 64, pattern: "^[\\p{L}\\p{N}._-]+$" });
export const Password = Type.String({ minLength: 10, maxLength: 128 });
export const OneTimeCode = Type.String({ pattern: "^[0-9]{6}$|^[A-Za-z0-9-]{8,20}$" });

/** GET /api/v1/setup */
export const SetupState = Type.Object({ needed: Type.Boolean(), demo: Type.Boolean() });
export type SetupState = Static<typeof SetupState>;

/** POST /api/v1/setup, once, with the token of the link printed at start. Signs the new account in. */
export const SetupRequest = Type.Object({
  token: Type.String({ minLength: 16, maxLength: 128 }),
  name: UserName,
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
  password: Password,
  unitName: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
export type SetupRequest = Static<typeof SetupRequest>;

/** POST /api/v1/sign-in. Answers `Me`, or `SecondFactorNeeded` when a code must follow in a second call with the same fields and `code`. */
export const SignInRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64 }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
  code: Type.Optional(OneTimeCode),
});
export type SignInRequest = Static<typeof SignInRequest>;

export const SecondFactorNeeded = Type.Object({ secondFactorNeeded: Type.Literal(true) });

export const User = Type.Object({
  id: Id,
  name: Type.String(),
  displayName: Type.String(),
  unit: Type.Union([Id, Type.Null()]),
  roles: Type.Array(Role),
  totp: Type.Boolean(),
  disabled: Type.Boolean(),
  lockedUntil: Type.Union([Instant, Type.Null()]),
});
export type User = Static<typeof User>;

/** GET /api/v1/me */
export const Me = Type.Object({ user: User, unitName: Type.Union([Type.String(), Type.Null()]), session: Type.String(), demo: Type.Boolean() });
export type Me = Static<typeof Me>;

/** POST /api/v1/users */
export const NewUser = Type.Object({
  name: UserName,
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
  password: Password,
  unit: Type.Union([Id, Type.Null()]),
  roles: Type.Array(Role, { maxItems: ROLES.length }),
});
export type NewUser = Static<typeof NewUser>;

/** PATCH /api/v1/users/{id} */
export const UserChange = Type.Partial(
  Type.Object({
    displayName: Type.String({ minLength: 1, maxLength: 64 }),
    password: Password,
    unit: Type.Union([Id, Type.Null()]),
    roles: Type.Array(Role, { maxItems: ROLES.length }),
    disabled: Type.Boolean(),
    /** true lifts a lock-out; false is refused. */
    unlock: Type.Boolean(),
  }),
);
export type UserChange = Static<typeof UserChange>;

/** GET /api/v1/me/sessions; DELETE /api/v1/me/sessions/{id} revokes one. */
export const SignInSession = Type.Object({
  id: Type.String(),
  current: Type.Boolean(),
  createdAt: Instant,
  expiresAt: Instant,
  address: Type.Union([Type.String(), Type.Null()]),
  agent: Type.Union([Type.String(), Type.Null()]),
});
export type SignInSession = Static<typeof SignInSession>;

/** POST /api/v1/me/totp with the password: begins. The URI is shown once as a QR code. */
export const TotpBegin = Type.Object({ password: Type.String({ minLength: 1, maxLength: 128 }) });
export const TotpSecret = Type.Object({ uri: Type.String(), backupCodes: Type.Array(Type.String()) });
export type TotpSecret = Static<typeof TotpSecret>;
/** POST /api/v1/me/totp/confirm */
export const TotpConfirm = Type.Object({ code: OneTimeCode });
/** POST /api/v1/me/password */
export const PasswordChange = Type.Object({ current: Type.String({ minLength: 1, maxLength: 128 }), next: Password });
