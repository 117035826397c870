import type { Socket as UdpSocket } from "node:dgram";
import type { Socket } from "node:net";
import { FRAMING_BYTES } from "./packets.ts";
import type { Lane } from "./sender.ts";

/** How a session's bytes leave its TCP connection. */
export interface Pipe {
  /** Returns true when the bytes may still be in use afterwards. */
  write(bytes: Buffer): boolean;
  backlogBytes(): number;
  close(): void;
}

export function plainPipe(socket: Socket): Pipe {
  return {
    write: (bytes) => {
      socket.write(bytes);
      return socket.writableLength > 0;
    },
    backlogBytes: () => socket.writableLength,
    close: () => undefined,
  };
}

const DRIBBLE_EVERY_MS = 5;

/** Writes a few bytes at a time. */
export function dribblingPipe(socket: Socket, pieceBytes: number): Pipe {
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  const timer = setInterval(() => {
    const first = queue[0];
    if (first === undefined) return;
    socket.write(first.subarray(0, pieceBytes));
    if (first.length > pieceBytes) queue[0] = first.subarray(pieceBytes);
    else queue.shift();
    queuedBytes -= Math.min(pieceBytes, first.length);
  }, DRIBBLE_EVERY_MS);
  return {
    write: (bytes) => {
      queue.push(Buffer.from(bytes));
      queuedBytes += bytes.length;
      return false;
    },
    backlogBytes: () => queuedBytes + socket.writableLength,
    close: () => clearInterval(timer),
  };
}

/** RTP and RTCP interleaved in the RTSP connection (RFC 2326 10.12). */
export function tcpLane(pipe: Pipe, madeForChannel: number, channel: number): Lane {
  return {
    send: (bytes, starts) => {
      if (channel === madeForChannel) return pipe.write(bytes);
      const copy = Buffer.from(bytes);
      for (const start of starts) copy.writeUInt8(channel, start + 1);
      pipe.write(copy);
      return false;
    },
    report: (packet) => {
      packet.writeUInt8(channel + 1, 1);
      pipe.write(packet);
    },
    backlogBytes: () => pipe.backlogBytes(),
  };
}

/** RTP and RTCP in datagrams to the client's two ports. */
export function udpLane(rtp: UdpSocket, rtcp: UdpSocket, host: string, ports: { rtp: number; rtcp: number }): Lane {
  const ignore = (): void => undefined;
  return {
    send: (bytes, starts) => {
      for (let i = 0; i < starts.length; i++) {
        const from = (starts[i] as number) + FRAMING_BYTES;
        rtp.send(bytes.subarray(from, starts[i + 1] ?? bytes.length), ports.rtp, host, ignore);
      }
      return true;
    },
    report: (packet) => {
      rtcp.send(packet.subarray(FRAMING_BYTES), ports.rtcp, host, ignore);
    },
    backlogBytes: () => rtp.getSendQueueSize(),
  };
}
