// Run by database.test.ts as a process of its own: opens the database in a folder, tells that it is up, then waits to be killed.
import { openDatabase } from "../postgres/open.ts";

const [folder = ""] = process.argv.slice(2);
const database = await openDatabase({ folder }, { migrate: false });
await database.query("create table if not exists kept (n int primary key)");
const [row] = await database.query<{ n: number }>("insert into kept select coalesce(max(n), 0) + 1 from kept returning n");
const [server] = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
process.stdout.write(`${JSON.stringify({ n: row?.n, backend: server?.pid })}\n`);
if (process.argv[3] === "stay") setInterval(() => undefined, 60_000);
else await database.close();
