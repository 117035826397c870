export { createIdentity } from "./identity.ts";
export type { IdentityMeans } from "./identity.ts";
export type { Caller, Entered, Identity, NewUser, Role, SetupInput, SignInAnswer, SignedIn, User, UserChange } from "./model.ts";
export type { KeySource } from "./needs.ts";
export { ROLES, USERS_MAX } from "./users.ts";
export { ACCOUNT_FAILURES_MAX, ADDRESS_FAILURES_MAX, LOCK_MS } from "./failures.ts";
export { SESSION_SECONDS } from "./library.ts";
