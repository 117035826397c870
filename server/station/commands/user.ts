import { parseArgs } from "node:util";
import { ROLES } from "@mingjian/contract";
import { Fault } from "@mingjian/vocab";
import type { UnitId } from "@mingjian/vocab";
import type { Identity, Role, User } from "../../identity/index.ts";
import { withDoors } from "./doors.ts";
import type { Io } from "./io.ts";
import { askSecret, table } from "./io.ts";

const HELP = `mingjian user list
mingjian user add NAME --roles duty,security-chief [--unit ID] [--display NAME]     (asks for the password)
mingjian user roles NAME ROLE[,ROLE...]
mingjian user password NAME [--reset-totp]                                          (asks for the new password)
mingjian user unlock|disable|enable NAME
Roles: ${ROLES.join(", ")}
`;

export async function userCommand(args: string[], io: Io): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === "--help") {
    io.out(HELP);
    return verb === undefined ? 2 : 0;
  }
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { roles: { type: "string" }, unit: { type: "string" }, display: { type: "string" }, "reset-totp": { type: "boolean", default: false } },
  });
  const [name, second] = positionals;
  if (verb === "list") return withDoors(io, async ({ identity }) => list(identity, io));
  if (name === undefined) {
    io.err(HELP);
    return 2;
  }
  return withDoors(io, async ({ identity }) => {
    if (verb === "add") {
      const password = await askSecret(io, "密码 / Password: ");
      const user = await identity.addUser({
        name,
        displayName: values.display ?? name,
        password,
        unit: (values.unit ?? null) as UnitId | null,
        roles: readRoles(values.roles ?? "duty"),
      });
      io.out(`${user.id}\n`);
      return 0;
    }
    const user = await known(identity, name);
    if (verb === "roles") await identity.changeUser(user.id, { roles: readRoles(second ?? "") });
    else if (verb === "password")
      await identity.changeUser(user.id, { password: await askSecret(io, "新密码 / New password: "), resetTotp: values["reset-totp"] });
    else if (verb === "unlock") await identity.changeUser(user.id, { unlock: true });
    else if (verb === "disable" || verb === "enable") await identity.changeUser(user.id, { disabled: verb === "disable" });
    else {
      io.err(HELP);
      return 2;
    }
    io.out("完成 / done\n");
    return 0;
  });
}

async function list(identity: Identity, io: Io): Promise<number> {
  const users = await identity.users();
  io.out(
    table(
      ["名称 name", "姓名 display", "单位 unit", "角色 roles", "TOTP", ""],
      users.map((user) => [user.name, user.displayName, user.unit ?? "-", user.roles.join(","), user.totp ? "✓" : "-", user.disabled ? "停用 disabled" : ""]),
    ),
  );
  return 0;
}

async function known(identity: Identity, name: string): Promise<User> {
  const user = await identity.userByName(name);
  if (user === undefined) throw new Fault("not-found", `no user ${name}; see mingjian user list`);
  return user;
}

function readRoles(text: string): Role[] {
  const roles = text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const wrong = roles.find((role) => !(ROLES as readonly string[]).includes(role));
  if (wrong !== undefined) throw new Fault("bad-input", `no role ${wrong}; there are ${ROLES.join(", ")}`, { pointer: "/roles" });
  return roles as Role[];
}
