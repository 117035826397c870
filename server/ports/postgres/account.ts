import { readFileSync } from "node:fs";

/** The operating-system account PostgreSQL runs under. PostgreSQL refuses to run as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** True when other programs run under it too and could open the database's socket. */
  readonly shared: boolean;
}

const PREFERRED = ["mingjian", "postgres", "nobody"] as const;

/** undefined: run as we are. As root: the first of mingjian, postgres, nobody that /etc/passwd names. */
export function chooseAccount(ownUid: number, passwd = readFileSync("/etc/passwd", "utf8")): Account | undefined {
  if (ownUid !== 0) return undefined;
  const rows = passwd.split("\n").map((line) => line.split(":"));
  for (const name of PREFERRED) {
    const row = rows.find((fields) => fields[0] === name);
    const uid = Number(row?.[2]);
    const gid = Number(row?.[3]);
    if (row === undefined || !Number.isInteger(uid) || !Number.isInteger(gid) || uid === 0) continue;
    return { name, uid, gid, shared: name !== "mingjian" };
  }
  throw new Error("root runs here, but /etc/passwd names none of mingjian, postgres, nobody to run PostgreSQL under");
}
