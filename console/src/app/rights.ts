import type { Me } from "@mingjian/contract";

type RoleName = Me["user"]["roles"][number];

/** What the console offers to whom. The server decides; this only keeps doors that would not open out of sight. */
export interface Rights {
  readonly live: boolean;
  readonly playback: boolean;
  readonly manageCameras: boolean;
  readonly register: boolean;
  readonly grants: boolean;
  readonly users: boolean;
}

export function rightsOf(roles: readonly RoleName[]): Rights {
  const any = (...wanted: readonly RoleName[]): boolean => wanted.some((role) => roles.includes(role));
  return {
    live: any("duty", "security-chief"),
    playback: any("security-chief"),
    manageCameras: any("administrator", "security-chief"),
    register: any("auditor", "security-chief", "administrator"),
    grants: true,
    users: any("administrator"),
  };
}
