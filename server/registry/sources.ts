import { Fault, streamId } from "@mingjian/vocab";
import type { CameraId, StreamRole } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import type { RetentionClass, SourceReader, StreamSource, Transport } from "./model.ts";
import type { SecretBox } from "./needs.ts";
import { sameHost } from "./source.ts";
import type { Source } from "./source.ts";

interface SourceRow {
  readonly camera: string;
  readonly role: StreamRole;
  readonly transport: Transport;
  readonly certificate_sha256: string | null;
  readonly sealed: string;
  readonly enabled: boolean;
  readonly record: boolean;
  readonly retention_class: RetentionClass;
}

/** What lies in the sealed column. */
export interface Sealed {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

export function sealSource(box: SecretBox, camera: string, role: StreamRole, source: Source): string {
  const sealed: Sealed = { url: source.url, user: source.user, password: source.password };
  return box.seal(JSON.stringify(sealed), contextOf(camera, role));
}

export function openSource(box: SecretBox, camera: string, role: StreamRole, sealed: string): Sealed {
  const parsed: unknown = JSON.parse(box.open(sealed, contextOf(camera, role)));
  if (typeof parsed !== "object" || parsed === null || !("url" in parsed) || typeof parsed.url !== "string") {
    throw new Fault("key-file-wrong", "A sealed source holds no URL.", { camera, role });
  }
  return {
    url: parsed.url,
    user: "user" in parsed && typeof parsed.user === "string" ? parsed.user : undefined,
    password: "password" in parsed && typeof parsed.password === "string" ? parsed.password : undefined,
  };
}

function contextOf(camera: string, role: StreamRole): string {
  return `camera-stream/${camera}/${role}`;
}

export function createSourceReader(database: Queries, box: SecretBox): SourceReader {
  return {
    async sources() {
      const rows = await database.query<SourceRow>(
        `select s.camera, s.role, s.transport, s.certificate_sha256, s.sealed, c.enabled, c.record, c.retention_class
         from camera_streams s join cameras c on c.id = s.camera where c.removed_ms is null order by s.camera, s.role`,
      );
      return rows.map((row): StreamSource => {
        const opened = openSource(box, row.camera, row.role, row.sealed);
        const camera = row.camera as CameraId;
        return {
          camera,
          stream: streamId(camera, row.role),
          role: row.role,
          url: opened.url,
          user: opened.user,
          password: opened.password,
          transport: row.transport,
          certificateSha256: row.certificate_sha256 ?? undefined,
          enabled: row.enabled,
          record: row.record && row.role === "main",
          retentionClass: row.retention_class,
        };
      });
    },
    async complete(camera, role, input) {
      const [row] = await database.query<{ sealed: string }>("select sealed from camera_streams where camera = $1 and role = $2", [camera, role]);
      if (row === undefined) return input;
      return completeFrom(openSource(box, camera, role, row.sealed), input);
    },
  };
}

/** Stored credentials go where they came from and nowhere else: same scheme, host and port. */
export function completeFrom<T extends { readonly url: string; readonly user?: string | undefined; readonly password?: string | undefined }>(
  stored: Sealed,
  input: T,
): T {
  const hasOwn = input.user !== undefined || input.password !== undefined || /:\/\/[^/?#]*@/.test(input.url);
  if (hasOwn || !URL.canParse(input.url) || !sameHost(stored.url, input.url)) return input;
  return { ...input, user: stored.user, password: stored.password };
}
