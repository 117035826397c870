import type { Action, Person, Scope } from "./model.ts";

/** What a role may do with the pictures of its own unit's cameras. Data, until the law decides. */
interface Right {
  readonly scope: Scope["kind"];
  readonly actions: readonly Action[];
}

const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  duty: [{ scope: "live", actions: ["view"] }],
  "security-chief": [
    { scope: "live", actions: ["view"] },
    { scope: "span", actions: ["view", "copy"] },
  ],
  // An administrator looks after machines and users, an auditor reads the register: neither sees pictures.
  administrator: [],
  auditor: [],
};

/** The role that allows it, least powerful first; undefined when none does. */
export function roleFor(person: Person, scope: Scope, actions: readonly Action[]): string | undefined {
  return Object.keys(RIGHTS).find(
    (role) =>
      person.roles.includes(role) &&
      (RIGHTS[role] ?? []).some((right) => right.scope === scope.kind && actions.every((action) => right.actions.includes(action))),
  );
}
