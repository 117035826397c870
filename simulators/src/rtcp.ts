const NTP_EPOCH_S = 2_208_988_800;

/** A sender report with CNAME (RFC 3550 6.4.1, 6.5.1), behind its interleaved framing. */
export function senderReport(report: { ssrc: number; utcMs: number; timestamp: number; packets: number; bytes: number; channel: number }): Buffer {
  const name = Buffer.from("mingjian-sim");
  const chunkWords = Math.ceil((4 + 2 + name.length + 1) / 4);
  const out = Buffer.alloc(4 + 28 + 4 + chunkWords * 4);
  out.writeUInt8(0x24, 0);
  out.writeUInt8(report.channel, 1);
  out.writeUInt16BE(out.length - 4, 2);
  out.writeUInt8(0x80, 4);
  out.writeUInt8(200, 5);
  out.writeUInt16BE(6, 6);
  out.writeUInt32BE(report.ssrc, 8);
  const seconds = Math.floor(report.utcMs / 1000);
  out.writeUInt32BE((seconds + NTP_EPOCH_S) % 2 ** 32, 12);
  out.writeUInt32BE(Math.floor(((report.utcMs - seconds * 1000) / 1000) * 2 ** 32), 16);
  out.writeUInt32BE(report.timestamp, 20);
  out.writeUInt32BE(report.packets % 2 ** 32, 24);
  out.writeUInt32BE(Math.max(0, report.bytes) % 2 ** 32, 28);
  out.writeUInt8(0x81, 32);
  out.writeUInt8(202, 33);
  out.writeUInt16BE(chunkWords, 34);
  out.writeUInt32BE(report.ssrc, 36);
  out.writeUInt8(1, 40);
  out.writeUInt8(name.length, 41);
  name.copy(out, 42);
  return out;
}
