/** Amounts for people. */
export function bytesText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : String(Math.round(value))} ${units[unit] ?? ""}`;
}

export function bitRateText(bitsPerSecond: number): string {
  return bitsPerSecond >= 1_000_000 ? `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s` : `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

export function percentText(fraction: number): string {
  // Never round a day with a gap up to "100 %".
  return `${(Math.floor(fraction * 1000) / 10).toFixed(1)} %`;
}

/** A codec's name as people write it: `h264` is H.264. */
export function codecText(codec: string): string {
  const known: Readonly<Record<string, string>> = {
    h264: "H.264",
    h265: "H.265",
    hevc: "H.265",
    aac: "AAC",
    pcma: "G.711 A",
    pcmu: "G.711 μ",
    alaw: "G.711 A",
    ulaw: "G.711 μ",
  };
  return known[codec.toLowerCase()] ?? codec;
}

/** `1:02:03`, or `2:03`. */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

export function offsetText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(size)} ms`;
  if (size < 120_000) return `${(size / 1000).toFixed(1)} s`;
  return lengthText(size);
}
