import { WebSocket } from "ws";
import { MEDIA_HEADER_BYTES, MEDIA_KIND_FRAGMENT, readMediaHeader } from "@mingjian/contract";
import { loadClip } from "@mingjian/simulators";
import type { ClipName } from "@mingjian/simulators";
import type { Product } from "./product.ts";

/** Enough of a frame's end to know it by. */
const TAIL_BYTES = 48;

/** Which frame of the clip ends with these bytes. */
function tailsOf(clip: ClipName): Map<string, number> {
  return new Map(loadClip(clip).frames.map((frame) => [frame.nals.at(-1)?.subarray(-TAIL_BYTES).toString("latin1") ?? "", frame.shownAt]));
}

export async function grantFor(product: Product, camera: string): Promise<string> {
  const grant = (await product.call("POST", "/api/v1/grants", {
    cameras: [camera],
    live: true,
    actions: ["view"],
    purpose: "bench",
  })) as { id: string };
  return grant.id;
}

/** A viewer without a screen: calls back with each frame's counter and when it came (UTC milliseconds). */
export async function openViewer(
  product: Product,
  camera: string,
  stream: "main" | "sub",
  clip: ClipName,
  onFrame: (counter: number, atMs: number) => void,
): Promise<{ close(): void }> {
  const tails = tailsOf(clip);
  const url = `${product.address.replace(/^http/, "ws")}/media/v1/live?camera=${camera}&stream=${stream}&grant=${await grantFor(product, camera)}`;
  const socket = new WebSocket(url, { headers: { cookie: product.cookie, origin: product.address } });
  socket.binaryType = "nodebuffer";
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("message", (data, isBinary) => {
    if (!isBinary || !(data instanceof Buffer)) return;
    const atMs = Date.now();
    if (data.length <= MEDIA_HEADER_BYTES || readMediaHeader(data)?.kind !== MEDIA_KIND_FRAGMENT) return;
    const counter = tails.get(data.subarray(-TAIL_BYTES).toString("latin1"));
    if (counter !== undefined) onFrame(counter, atMs);
  });
  return { close: () => socket.close() };
}
