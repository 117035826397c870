export type { Role, User, SignedIn, Caller, Entered, SignInAnswer, NewUser, UserChange, Identity } from "./model.ts";
