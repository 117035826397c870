import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isFault } from "@mingjian/vocab";
import type { CameraId, FaultCode, UnitId } from "@mingjian/vocab";
import { FaultyDatabase, newId, secretBox, seededChance, startTestCluster } from "../../ports/index.ts";
import type { Database, TestCluster } from "../../ports/index.ts";
import { CAMERAS_MAX, UNIT_DEPTH_MAX, createRegistry } from "../index.ts";
import type { NewCamera, Registry, Unit } from "../index.ts";

const BY = "system:test";
const AT = Date.UTC(2026, 10, 22, 10, 15);
let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster();
});
after(() => cluster.close());

interface Fixture {
  readonly database: Database;
  readonly faulty: FaultyDatabase;
  readonly registry: Registry;
  readonly unit: Unit;
}

async function open(inner: Database, seed = 1, key = 1): Promise<{ registry: Registry; faulty: FaultyDatabase }> {
  const faulty = new FaultyDatabase(inner);
  const chance = seededChance(seed);
  const registry = await createRegistry({ database: faulty, now: () => AT, newId: () => newId(chance), box: secretBox(new Uint8Array(32).fill(key)) });
  return { registry, faulty };
}

async function fixture(): Promise<Fixture> {
  const database = await cluster.fresh();
  const { registry, faulty } = await open(database);
  const unit = await registry.writer.addUnit({ id: "school", name: "学校", kind: "operator", parent: null }, BY);
  return { database, faulty, registry, unit };
}

function camera(url: string, more: Partial<NewCamera> = {}): NewCamera {
  return { unit: "school", name: "大门", main: { url }, ...more };
}

function fault(code: FaultCode, details: Readonly<Record<string, unknown>> = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isFault(error), String(error));
    assert.equal(error.code, code);
    for (const [key, value] of Object.entries(details)) assert.equal(error.details[key], value);
    return true;
  };
}

test("[G1] [G2] [G3] a Hikvision URL with credentials is split, shown without them, and given back whole to the ingest", async () => {
  const { database, registry } = await fixture();
  const password = "p@ss:/?#%密码";
  const added = await registry.writer.addCamera(camera(`rtsp://admin:${encodeURIComponent(password)}@10.0.0.1/Streaming/Channels/101`, { id: "gate" }), BY);
  await registry.writer.addCamera(camera("rtsp://10.0.0.2/user=admin_password=Geheim1_channel=1_stream=0.sdp", { id: "xm" }), BY);
  await registry.writer.addCamera(
    camera("rtsp://10.0.0.3/live?username=root&password=Geheim2", { id: "query", sub: { url: "rtsp://u:v@10.0.0.3/sub", user: "prevails", password: "too" } }),
    BY,
  );
  assert.equal(added.streams[0]?.url, "rtsp://10.0.0.1/Streaming/Channels/101");
  assert.equal(added.streams[0]?.user, "admin");
  assert.equal(added.streams[0]?.hasPassword, true);
  const [, query, xm] = (await registry.reader.cameras()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  assert.equal(xm?.streams[0]?.url, "rtsp://10.0.0.2/user=***_password=***_channel=1_stream=0.sdp");
  assert.equal(query?.streams[0]?.url, "rtsp://10.0.0.3/live?username=***&password=***");
  const everything = JSON.stringify([await registry.reader.cameras(), await registry.reader.changes(), await database.query("select * from registry_changes")]);
  for (const secret of ["p@ss", encodeURIComponent(password), "Geheim1", "Geheim2", "v1.", "too"]) assert.ok(!everything.includes(secret), secret);
  assert.ok(!JSON.stringify(await database.query("select * from camera_streams")).includes("Geheim"));
  const sources = new Map((await registry.sources.sources()).map((source) => [source.stream as string, source]));
  assert.equal(sources.get("gate.main")?.password, password);
  assert.equal(sources.get("gate.main")?.user, "admin");
  assert.equal(sources.get("xm.main")?.url, "rtsp://10.0.0.2/user=admin_password=Geheim1_channel=1_stream=0.sdp");
  assert.deepEqual([sources.get("query.sub")?.user, sources.get("query.sub")?.password, sources.get("query.sub")?.record], ["prevails", "too", false]);
});

test("[G4] a second camera on the same URL is refused, however it is spelt, unless it is meant", async () => {
  const { registry } = await fixture();
  await registry.writer.addCamera(camera("rtsp://admin:a@Camera.Local/live", { id: "first" }), BY);
  for (const url of ["rtsp://camera.local:554/live", "rtsp://other:b@CAMERA.local/live"]) {
    await assert.rejects(registry.writer.addCamera(camera(url), BY), fault("camera-url-taken", { camera: "first", pointer: "/main/url" }));
  }
  const other = await registry.writer.addCamera(camera("rtsp://camera.local/other"), BY);
  await assert.rejects(registry.writer.changeCamera(other.id, { version: 1, main: { url: "rtsp://camera.local/live" } }, BY), fault("camera-url-taken"));
  await registry.writer.addCamera(camera("rtsp://camera.local/live", { allowSharedUrl: true }), BY);
  await registry.writer.removeCamera("first" as CameraId, 1, BY);
  await registry.writer.addCamera(camera("rtsps://camera.local/live"), BY);
});

test("[G5] a form sent back as it was shown changes nothing; stored credentials never go to another host", async () => {
  const { registry } = await fixture();
  const added = await registry.writer.addCamera(camera("rtsp://admin:secret@10.0.0.1/live?password=hidden"), BY);
  const shown = added.streams[0]?.url ?? "";
  await registry.writer.changeCamera(added.id, { version: 1, main: { url: shown } }, BY);
  const [same] = await registry.sources.sources();
  assert.deepEqual([same?.url, same?.user, same?.password], ["rtsp://10.0.0.1/live?password=hidden", "admin", "secret"]);
  await registry.writer.changeCamera(added.id, { version: 2, main: { url: "rtsp://10.0.0.1/other" } }, BY);
  assert.equal((await registry.sources.sources())[0]?.password, "secret");
  assert.equal((await registry.sources.complete(added.id, "main", { url: "rtsp://10.0.0.1/probe" })).password, "secret");
  for (const url of ["rtsp://10.0.0.9/other", "rtsp://10.0.0.1:8554/other", "rtsps://10.0.0.1:554/other"]) {
    assert.equal((await registry.sources.complete(added.id, "main", { url })).password, undefined);
  }
  await registry.writer.changeCamera(added.id, { version: 3, main: { url: "rtsp://10.0.0.9/other" } }, BY);
  assert.equal((await registry.sources.sources())[0]?.password, undefined);
});

test("[G6] a removed camera keeps its name and loses its sources", async () => {
  const { database, registry } = await fixture();
  await registry.writer.addCamera(camera("rtsp://10.0.0.1/live", { id: "gone" }), BY);
  await registry.writer.removeCamera("gone" as CameraId, 1, BY);
  assert.equal(await registry.reader.camera("gone" as CameraId), undefined);
  assert.equal(await registry.reader.cameraName("gone" as CameraId), "大门");
  assert.deepEqual(await registry.reader.camerasWithin("school" as UnitId), ["gone"]);
  assert.deepEqual(await registry.sources.sources(), []);
  assert.deepEqual(await database.query("select 1 from camera_streams"), []);
  await assert.rejects(registry.writer.addCamera(camera("rtsp://10.0.0.1/live", { id: "gone" }), BY), fault("conflict"));
});

test("[G7] a source that cannot be one says which field and why", async () => {
  const { registry } = await fixture();
  for (const [url, pointer] of [
    ["http://10.0.0.1/", "/main/url"],
    ["rtsp://", "/main/url"],
    ["nonsense", "/main/url"],
    [`rtsp://h/${"x".repeat(2048)}`, "/main/url"],
  ] as const) {
    await assert.rejects(registry.writer.addCamera(camera(url), BY), fault("bad-input", { pointer }));
  }
  await assert.rejects(
    registry.writer.addCamera(camera("rtsp://h/", { sub: { url: "rtsp://h/2", user: "u".repeat(129) } }), BY),
    fault("bad-input", { pointer: "/sub/user" }),
  );
  await registry.writer.addCamera(camera("rtsp://h/", { sub: { url: "rtsp://h/2", user: "u".repeat(128) } }), BY);
  for (const bad of [{ name: " " }, { name: "x".repeat(129) }, { position: "x".repeat(257) }, { id: "Not an id" }, { unit: "nowhere" }]) {
    await assert.rejects(registry.writer.addCamera(camera("rtsp://other/", bad), BY), fault("bad-input"));
  }
});

test("[G8] another key file opens nothing", async () => {
  const { database, registry } = await fixture();
  await registry.writer.addCamera(camera("rtsp://a:b@10.0.0.1/live"), BY);
  const other = await open(database, 1, 2);
  await assert.rejects(other.registry.sources.sources(), fault("key-file-wrong"));
});

test("[G10] two people on one record: the second is told", async () => {
  const { registry, unit } = await fixture();
  const added = await registry.writer.addCamera(camera("rtsp://10.0.0.1/live"), BY);
  const both = await Promise.allSettled(["南门", "北门"].map((name) => registry.writer.changeCamera(added.id, { version: added.version, name }, BY)));
  assert.deepEqual(both.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
  const refused = both.find((one) => one.status === "rejected");
  assert.ok(isFault(refused?.reason) && refused.reason.code === "conflict");
  await registry.writer.changeUnit(unit.id, { version: 1, name: "一中" }, BY);
  await assert.rejects(registry.writer.changeUnit(unit.id, { version: 1, name: "二中" }, BY), fault("conflict"));
  await assert.rejects(registry.writer.removeCamera(added.id, 1, BY), fault("conflict"));
  await assert.rejects(registry.writer.changeCamera("none" as CameraId, { version: 1 }, BY), fault("not-found"));
});

test("[G11] the same addition twice is one", async () => {
  const { registry } = await fixture();
  const first = await registry.writer.addCamera(camera("rtsp://u:p@10.0.0.1/live", { id: "gate" }), BY);
  assert.deepEqual(await registry.writer.addCamera(camera("rtsp://u:p@10.0.0.1/live", { id: "gate" }), BY), first);
  await assert.rejects(registry.writer.addCamera(camera("rtsp://u:other@10.0.0.1/live", { id: "gate" }), BY), fault("conflict"));
  await assert.rejects(registry.writer.addUnit({ id: "school", name: "别的", kind: "operator", parent: null }, BY), fault("conflict"));
  assert.equal((await registry.reader.changes({ subject: "gate" })).length, 1);
});

for (const failure of ["failed", "failed-but-stored"] as const) {
  test(`[G12] writes that ${failure} are put right by doing them again`, async () => {
    const { faulty, registry } = await fixture();
    const writes: readonly (() => Promise<unknown>)[] = [
      () => registry.writer.addUnit({ id: "annex", name: "分校", kind: "operator", parent: "school" }, BY),
      () => registry.writer.addCamera(camera("rtsp://10.0.0.1/live", { id: "gate" }), BY),
    ];
    for (const write of writes) {
      faulty.plan(failure);
      await assert.rejects(write(), fault("database-away"));
      await write();
    }
    const changes: readonly (() => Promise<unknown>)[] = [
      () => registry.writer.changeUnit("annex" as UnitId, { version: 1, name: "新分校" }, BY),
      () => registry.writer.changeCamera("gate" as CameraId, { version: 1, name: "新门" }, BY),
      () => registry.writer.removeCamera("gate" as CameraId, 2, BY),
      () => registry.writer.removeUnit("annex" as UnitId, 2, BY),
    ];
    for (const change of changes) {
      faulty.plan(failure);
      await assert.rejects(change(), fault("database-away"));
      // Stored all the same: the second try finds another version, or nothing, and says so.
      if (failure === "failed") await change();
      else await assert.rejects(change(), (error) => isFault(error) && (error.code === "conflict" || error.code === "not-found"));
    }
    assert.deepEqual(
      (await registry.reader.units()).map((unit) => unit.id),
      ["school"],
    );
    assert.deepEqual(await registry.reader.cameras(), []);
    assert.equal((await registry.reader.changes()).length, 7);
  });
}

test("[G13] [G14] the history tells who did what, and cannot be rewritten", async () => {
  const { database, registry } = await fixture();
  const added = await registry.writer.addCamera(camera("rtsp://u:p@10.0.0.1/live"), "system:demo");
  await registry.writer.changeCamera(added.id, { version: 1, name: "后门", main: { url: "rtsp://10.0.0.1/live", password: "new" } }, BY);
  await assert.rejects(registry.writer.changeCamera(added.id, { version: 1, name: "旁门" }, BY));
  const [changed, first, unit] = await registry.reader.changes();
  assert.deepEqual(
    [changed?.action, changed?.by, changed?.at, changed?.fields["name"], changed?.fields["main.password"]],
    ["changed", BY, AT, ["大门", "后门"], ["***", "***"]],
  );
  assert.deepEqual([first?.action, first?.by, unit?.kind, unit?.action], ["added", "system:demo", "unit", "added"]);
  assert.deepEqual(
    (await registry.reader.changes({ before: changed?.id ?? 0, limit: 1 })).map((one) => one.id),
    [first?.id],
  );
  for (const statement of ["update registry_changes set by_whom = 'x'", "delete from registry_changes", "truncate registry_changes"]) {
    await assert.rejects(database.query(statement), /only ever added/);
  }
});

test("[G15] a second process hears of a camera added by the first", async () => {
  const { registry } = await fixture();
  const second = await open(await cluster.again(), 2);
  const heard = new Promise<void>((resolve) => {
    second.registry.onChange(resolve);
  });
  await registry.writer.addCamera(camera("rtsp://10.0.0.1/live", { id: "gate" }), BY);
  await heard;
  assert.equal((await second.registry.reader.camera("gate" as CameraId))?.name, "大门");
});

test("[G16] the camera after the last one is refused", async () => {
  const { database, registry } = await fixture();
  await database.query("insert into cameras (id, unit, name, created_ms) select 'c' || n, 'school', 'c', 0 from generate_series(2, $1::int) n", [CAMERAS_MAX]);
  await registry.writer.addCamera(camera("rtsp://10.0.0.1/live"), BY);
  await assert.rejects(registry.writer.addCamera(camera("rtsp://10.0.0.2/live"), BY), fault("too-many"));
});

test("[G20] an operator reaches downwards among operators, an authority nobody's cameras", async () => {
  const { registry } = await fixture();
  await registry.writer.addUnit({ id: "city", name: "市局", kind: "authority", parent: null }, BY);
  await registry.writer.addUnit({ id: "group", name: "集团", kind: "operator", parent: "city" }, BY);
  await registry.writer.addUnit({ id: "shop", name: "门店", kind: "operator", parent: "group" }, BY);
  await registry.writer.addCamera(camera("rtsp://10.0.0.1/a", { id: "a", unit: "group" }), BY);
  await registry.writer.addCamera(camera("rtsp://10.0.0.1/b", { id: "b", unit: "shop" }), BY);
  const reach = async (unit: string): Promise<readonly string[]> => registry.reader.camerasWithin(unit as UnitId);
  assert.deepEqual(await reach("group"), ["a", "b"]);
  assert.deepEqual(await reach("shop"), ["b"]);
  assert.deepEqual(await reach("city"), []);
  assert.deepEqual(await reach("school"), []);
});

test("[G21] the tree of units stays a tree of bounded depth", async () => {
  const { registry } = await fixture();
  let parent: string | null = null;
  for (let depth = 1; depth <= UNIT_DEPTH_MAX; depth += 1)
    parent = (await registry.writer.addUnit({ id: `u${depth}`, name: "u", kind: "operator", parent }, BY)).id;
  await assert.rejects(registry.writer.addUnit({ name: "too deep", kind: "operator", parent }, BY), fault("bad-input", { pointer: "/parent" }));
  await assert.rejects(registry.writer.changeUnit("u1" as UnitId, { version: 1, parent: "u3" }, BY), fault("bad-input"));
  await assert.rejects(registry.writer.changeUnit("u1" as UnitId, { version: 1, parent: "u1" }, BY), fault("bad-input"));
  await assert.rejects(registry.writer.addUnit({ name: "x", kind: "operator", parent: "nowhere" }, BY), fault("bad-input"));
});

test("[G22] a unit in use stays", async () => {
  const { registry, unit } = await fixture();
  await registry.writer.addCamera(camera("rtsp://10.0.0.1/a"), BY);
  await assert.rejects(registry.writer.removeUnit(unit.id, 1, BY), fault("conflict"));
});
