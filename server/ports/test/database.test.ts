import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isFault } from "@mingjian/vocab";
import { TRANSACTION_TRIES_MAX, openDatabase, startTestCluster } from "../index.ts";
import type { Database, DatabaseState, TestCluster } from "../index.ts";
import { chooseAccount } from "../postgres/account.ts";
import { findBinaries, nativeFolder } from "../postgres/binaries.ts";
import { migrate, readMigrations } from "../postgres/migrations.ts";
import { readPidFile } from "../postgres/pid-file.ts";
import { createStarter } from "../postgres/starter.ts";

const CHILD = fileURLToPath(new URL("database-child.ts", import.meta.url));
const ROOT = process.getuid?.() === 0;
const quick = { migrate: false } as const;

async function folderFor(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `mingjian-${name}-`));
  if (ROOT) await chmod(folder, 0o711);
  return folder;
}

/** Starts the child, gives its first word and the process. */
async function child(folder: string, ...rest: string[]): Promise<{ n: number; process: ReturnType<typeof spawn> }> {
  const started = spawn(process.execPath, [CHILD, folder, ...rest], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: started.stdout }), "line")) as [string];
  const said: unknown = JSON.parse(line);
  assert.ok(typeof said === "object" && said !== null && "n" in said && typeof said.n === "number");
  return { n: said.n, process: started };
}

function untilState(database: Database, status: DatabaseState["status"]): Promise<void> {
  if (database.state().status === status) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = database.onState((state) => {
      if (state.status !== status) return;
      stop();
      resolve();
    });
  });
}

const away = (error: unknown): boolean => isFault(error) && error.code === "database-away";

describe("the built-in server", () => {
  test("[P40] begins in an empty folder, and what was stored is there after a stop", async () => {
    const folder = await folderFor("begin");
    try {
      for (const expected of [1, 2]) {
        const { n, process: ended } = await child(folder);
        await once(ended, "exit");
        assert.equal(n, expected);
      }
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name.startsWith("cluster")),
        ["cluster"],
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P41] dies with a killed parent; the next start has all that was committed", async () => {
    const folder = await folderFor("kill");
    try {
      for (const expected of [1, 2, 3]) {
        const { n, process: killed } = await child(folder, "stay");
        assert.equal(n, expected);
        killed.kill("SIGKILL");
        await once(killed, "exit");
      }
      const starter = createStarter({ folder });
      await starter.ensure();
      await starter.stop();
      assert.equal(await readPidFile(join(folder, "cluster")), undefined);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P42] a pid file of a dead server, or whose number another process has now, does not keep it from starting", async () => {
    const folder = await folderFor("pid");
    try {
      const first = createStarter({ folder });
      await first.ensure();
      const pidFile = await readFile(join(folder, "cluster", "postmaster.pid"), "utf8");
      await first.stop();
      for (const pid of [String(process.pid), "4194304", "rubbish"]) {
        await writeFile(join(folder, "cluster", "postmaster.pid"), pidFile.replace(/^\d+/, pid));
        const database = await openDatabase({ folder }, quick);
        assert.equal(database.state().status, "up");
        await database.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P43] a second opener takes the server that runs, and leaves it running", async () => {
    const folder = await folderFor("adopt");
    const first = await openDatabase({ folder }, quick);
    try {
      const { process: second } = await child(folder);
      const [code] = (await once(second, "exit")) as [number];
      assert.equal(code, 0);
      assert.equal((await first.query("select n from kept")).length, 1);
    } finally {
      await first.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P44] what a killed set-up left is taken away", async () => {
    const folder = await folderFor("leftover");
    try {
      await mkdir(join(folder, "cluster.new-4194304", "base"), { recursive: true });
      const starter = createStarter({ folder });
      await starter.ensure();
      await starter.stop();
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name.startsWith("cluster")),
        ["cluster"],
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P45] a server that is killed is started again, and queries work as before", async () => {
    const folder = await folderFor("revive");
    const database = await openDatabase({ folder }, quick);
    try {
      await database.query("create table kept (n int)");
      await database.query("insert into kept values (7)");
      const found = await readPidFile(join(folder, "cluster"));
      const gone = untilState(database, "away");
      process.kill(found?.pid ?? 0, "SIGKILL");
      // The last connection may still answer once after its server is dead.
      while (database.state().status === "up") await database.query("select 1").catch(() => undefined);
      await gone;
      await assert.rejects(database.query("select 1"), away);
      await untilState(database, "up");
      assert.deepEqual(await database.query("select n from kept"), [{ n: 7 }]);
    } finally {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P46] starts below a folder that its account may not enter", { skip: !ROOT && "only root has another account" }, async () => {
    const outer = await mkdtemp(join(tmpdir(), "mingjian-closed-"));
    try {
      await chmod(outer, 0o700);
      const { n, process: ended } = await child(join(outer, "database"));
      await once(ended, "exit");
      assert.equal(n, 1);
    } finally {
      await rm(outer, { recursive: true, force: true });
    }
  });

  test("[P47] programs without their library links, or in a closed folder, are made to run", async () => {
    const folder = await folderFor("links");
    try {
      const account = chooseAccount(process.getuid?.() ?? 1);
      const closed = join(folder, "closed");
      const native = join(closed, "package", "native");
      await mkdir(join(closed, "package"), { recursive: true });
      const links: unknown = JSON.parse(await readFile(join(nativeFolder(), "pg-symlinks.json"), "utf8"));
      assert.ok(Array.isArray(links));
      const made = new Set(links.map((link: { readonly target: string }) => link.target.replace("native/", "")));
      await cp(nativeFolder(), native, { recursive: true, filter: (from) => !made.has(relative(nativeFolder(), from)) });
      await cp(join(nativeFolder(), "..", "package.json"), join(native, "..", "package.json"));
      const linked = await findBinaries(folder, account, native);
      assert.equal(linked.postgres, join(native, "bin", "postgres"));
      if (account === undefined) return;
      await chmod(closed, 0o700);
      const copied = await findBinaries(folder, account, native);
      assert.equal(copied.postgres, join(folder, "postgresql", "bin", "postgres"));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[P48] root picks mingjian, postgres or nobody; anybody else stays who they are", () => {
    const passwd = "root:x:0:0::/root:/bin/sh\npostgres:x:101:103::/var:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
    assert.equal(chooseAccount(1000, passwd), undefined);
    assert.deepEqual(chooseAccount(0, passwd), { name: "postgres", uid: 101, gid: 103, shared: true });
    assert.deepEqual(chooseAccount(0, `${passwd}mingjian:x:900:901::/:/bin/false\n`), { name: "mingjian", uid: 900, gid: 901, shared: false });
    assert.throws(() => chooseAccount(0, "root:x:0:0::/root:/bin/sh\n"));
  });

  test("[P49] runs for an ordinary user", { skip: !ROOT && "the other tests run so already" }, async (t) => {
    const nobody = chooseAccount(
      0,
      (await readFile("/etc/passwd", "utf8"))
        .split("\n")
        .filter((line) => line.startsWith("nobody:"))
        .join("\n"),
    );
    const folder = await folderFor("ordinary");
    try {
      assert.ok(nobody !== undefined);
      await chown(folder, nobody.uid, nobody.gid);
      const script = fileURLToPath(import.meta.resolve("../postgres/open.ts"));
      const text = `import { openDatabase } from ${JSON.stringify(script)}; const d = await openDatabase({ folder: ${JSON.stringify(join(folder, "db"))} }, { migrate: false });
        const rows = await d.query("select 1 as one"); await d.close(); process.stdout.write(String(rows[0].one));`;
      const ran = spawn(process.execPath, ["--input-type=module", "-e", text], {
        uid: nobody.uid,
        gid: nobody.gid,
        cwd: "/",
        stdio: ["ignore", "pipe", "pipe"],
        env: { PATH: process.env["PATH"] },
      });
      let said = "";
      let failed = "";
      ran.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
      });
      ran.stderr.on("data", (chunk: Buffer) => {
        failed += chunk.toString("utf8");
      });
      await once(ran, "close");
      if (/EACCES|ERR_MODULE_NOT_FOUND/.test(failed)) return t.skip("this folder is closed to other users");
      assert.equal(said, "1", failed);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("the database port", () => {
  let cluster: TestCluster;
  let database: Database;
  before(async () => {
    cluster = await startTestCluster();
    database = await cluster.fresh();
  });
  after(() => cluster.close());

  test("[P50] a transaction is stored whole or not at all", async () => {
    await database.query("create table pair (n int unique)");
    await assert.rejects(
      database.transaction(async (tx) => {
        await tx.query("insert into pair values (1)");
        await tx.query("insert into pair values (1)");
      }),
    );
    assert.deepEqual(await database.query("select n from pair"), []);
    await database.transaction((tx) => tx.query("insert into pair values (1), (2)"));
    assert.equal(await database.execute("delete from pair"), 2);
  });

  test("[P51] a transaction that lost a race is run again, and given up after TRANSACTION_TRIES_MAX tries", async () => {
    let tries = 0;
    const race = database.transaction(async (tx) => {
      tries += 1;
      if (tries < TRANSACTION_TRIES_MAX) await tx.query("do $$ begin raise exception using errcode = '40001'; end $$");
      return tries;
    });
    assert.equal(await race, TRANSACTION_TRIES_MAX);
    tries = 0;
    await assert.rejects(
      database.transaction(async (tx) => {
        tries += 1;
        await tx.query("do $$ begin raise exception using errcode = '40001'; end $$");
      }),
    );
    assert.equal(tries, TRANSACTION_TRIES_MAX);
  });

  test("[P52] a broken connection is database-away at once, the same for every call, and over when the database answers", async () => {
    const other = await cluster.again();
    await database.query("select 1");
    const gone = untilState(database, "away");
    await other.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    await database.query("select 1").catch((error: unknown) => assert.ok(away(error)));
    await gone;
    await untilState(database, "up");
    assert.deepEqual(await database.query("select 1 as one"), [{ one: 1 }]);
  });

  test("[P53] a listener hears what another process notifies, and is told when its connection breaks and is back", async () => {
    const other = await cluster.again();
    const heard: string[] = [];
    const connected: boolean[] = [];
    let wake: () => void = () => undefined;
    const changed = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const stop = await database.listen("words", {
      message: (payload) => {
        heard.push(payload);
        wake();
      },
      connected: (is) => {
        connected.push(is);
        wake();
      },
    });
    const next = changed();
    await other.query("select pg_notify('words', 'one')");
    await next;
    assert.deepEqual([heard, connected], [["one"], [true]]);
    let back = changed();
    await other.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mingjian-listener' and datname = current_database()");
    while (connected.length < 3) {
      await back;
      back = changed();
    }
    assert.deepEqual(connected, [true, false, true]);
    await other.query("select pg_notify('words', 'two')");
    await back;
    assert.deepEqual(heard, ["one", "two"]);
    stop();
  });

  test("[P54] an integer beyond 2^53 is a mistake, not a rounded number", async () => {
    assert.deepEqual(await database.query("select 9007199254740991::bigint as n"), [{ n: 9007199254740991 }]);
    await assert.rejects(database.query("select 9007199254740992::bigint as n"), /beyond 2\^53/);
  });

  test("[P55] migrations are applied once, in order, each whole or not at all", async () => {
    const fresh = await cluster.fresh();
    assert.equal(await migrate(fresh, await readMigrations()), 0);
    const known = await readMigrations();
    const bad = { number: known.length + 1, name: "bad", checksum: "c", sql: "create table half (n int); select nonsense" };
    await assert.rejects(migrate(fresh, [...known, bad]));
    assert.deepEqual(await fresh.query("select to_regclass('half') as half"), [{ half: null }]);
    assert.equal(await migrate(fresh, [...known, { ...bad, sql: "create table half (n int)" }]), 1);
  });

  test("[P56] a database that knows more than the program, or other files, is refused and left as it is", async () => {
    const fresh = await cluster.fresh();
    const known = await readMigrations();
    await assert.rejects(migrate(fresh, known.slice(0, -1)), (error) => isFault(error) && error.code === "database-newer");
    const other = known.map((one) => (one.number === 1 ? { ...one, checksum: "0" } : one));
    await assert.rejects(migrate(fresh, other), (error) => isFault(error) && error.code === "database-differs");
  });

  test("[P57] a server that is not there is database-away; a URL that is none, or that the server refuses, is bad-settings", async () => {
    await assert.rejects(openDatabase({ url: "postgres://nobody@127.0.0.1:1/none" }), away);
    const badSettings = (error: unknown): boolean => isFault(error) && error.code === "bad-settings";
    await assert.rejects(openDatabase({ url: "mysql://somewhere" }), badSettings);
    const folder = await folderFor("refuse");
    const starter = createStarter({ folder });
    try {
      const { host } = await starter.ensure();
      const at = (user: string, name: string): string => `postgres://${user}@/${name}?host=${encodeURIComponent(host ?? "")}`;
      await assert.rejects(openDatabase({ url: at("stranger", "mingjian") }, quick), badSettings);
      await assert.rejects(openDatabase({ url: at("mingjian", "elsewhere") }, quick), badSettings);
      await (await openDatabase({ url: at("mingjian", "mingjian") }, quick)).close();
    } finally {
      await starter.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
