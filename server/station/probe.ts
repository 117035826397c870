import { probe } from "../ingest/index.ts";
import type { ProbeDoors, SourceToProbe as IngestSource, StreamSource } from "../ingest/index.ts";
import type { ProbeAnswer, RecorderSource, SourceToProbe } from "./recorder-messages.ts";

/** A source as ingest takes it. */
export function sourceOf(source: RecorderSource): StreamSource {
  return { ...withTrust(source), stream: source.stream, enabled: true };
}

function withTrust({ url, user, password, transport, certificateSha256 }: SourceToProbe): IngestSource {
  return { url, user, password, transport, audio: true, tls: certificateSha256 === undefined ? undefined : { trust: "pinned", sha256: certificateSha256 } };
}

/** Tries a source and answers as the contract has it. */
export async function probeSource(doors: ProbeDoors, source: SourceToProbe): Promise<ProbeAnswer> {
  const result = await probe(doors, withTrust(source));
  return {
    ok: result.ok,
    steps: result.steps.map(({ step, outcome, ms, code, detail }) => ({ step, outcome, ms, code: code ?? null, detail: detail ?? null })),
    tracks: result.tracks.map((track) => ({
      kind: track.kind,
      codec: track.codec,
      width: track.kind === "video" ? track.width : 0,
      height: track.kind === "video" ? track.height : 0,
      codecString: track.codecString,
    })),
    picture: result.picture === undefined ? null : { mime: result.picture.mime, mp4Base64: Buffer.from(result.picture.mp4).toString("base64") },
    certificateSha256: result.certificateSha256 ?? null,
  };
}
