import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import type { AudioName, ClipName } from "./clip.ts";
import { CLIPS } from "./clip.ts";
import { startControlServer } from "./control-server.ts";
import { startCameras } from "./index.ts";
import type { Auth, Faults } from "./options.ts";

const HELP = `node simulators/src/main.ts [options]
  --cameras N      how many cameras (1)
  --port N         RTSP port (8554; 0 takes a free one)
  --host ADDRESS   where to listen (127.0.0.1)
  --clip NAME      ${Object.keys(CLIPS).join(", ")} (street)
  --sub NAME       the sub-stream's clip (sub)
  --audio NAME     none, aac, pcma, pcmu (none)
  --auth U:P       ask for this user and password (Digest, MD5)
  --begin WHEN     next-key, or last-key: at once, from the last key frame (next-key)
  --faults JSON    faults of every camera, as in simulators/src/options.ts
  --control N      HTTP port for control on loopback (none; 0 takes a free one)
  --with-parent    end when standard input ends
The first line printed is one JSON object with the ports and the URLs.`;

function authOf(text: string | undefined): Auth | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1), scheme: "digest-md5" };
}

function clipOf(name: string): ClipName {
  if (!(name in CLIPS)) throw new Error(`no clip ${name}\n${HELP}`);
  return name as ClipName;
}

const { values } = parseArgs({
  options: {
    cameras: { type: "string", default: "1" },
    port: { type: "string", default: "8554" },
    host: { type: "string", default: "127.0.0.1" },
    clip: { type: "string", default: "street" },
    sub: { type: "string", default: "sub" },
    audio: { type: "string", default: "none" },
    auth: { type: "string" },
    faults: { type: "string", default: "{}" },
    begin: { type: "string", default: "next-key" },
    control: { type: "string" },
    "with-parent": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const cameras = await startCameras({
    count: Number(values.cameras),
    basePort: Number(values.port),
    host: values.host,
    clip: clipOf(values.clip),
    sub: clipOf(values.sub),
    audio: values.audio as AudioName | "none",
    auth: authOf(values.auth),
    begin: values.begin === "last-key" ? "last-key" : "next-key",
    faults: JSON.parse(values.faults) as Faults,
  });
  const control = values.control === undefined ? undefined : await startControlServer(cameras, Number(values.control));
  const controlPort = control === undefined ? null : (control.address() as AddressInfo).port;
  console.log(JSON.stringify({ port: cameras.port, controlPort, urls: cameras.urls, subUrls: cameras.subUrls }));
  const end = (): void => {
    control?.close();
    void cameras.stop().then(() => process.exit(0));
  };
  if (values["with-parent"]) process.stdin.resume().on("end", end).on("error", end);
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
}
