export type {
  Action,
  Scope,
  Grant,
  Person,
  GrantRequest,
  RefusalCode,
  CheckAnswer,
  CheckQuestion,
  GrantEnded,
  GrantFilter,
  UseBegun,
  UseEnded,
  RegisterLine,
  RegisterFilter,
  RegisterPage,
  Access,
} from "./model.ts";
export type { Reach } from "./needs.ts";
export { createAccess } from "./access.ts";
export type { AccessMeans } from "./access.ts";
