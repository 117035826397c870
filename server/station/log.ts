import { pino } from "pino";
import type { Logger } from "pino";

export type { Logger };

/** Keys whose values never reach a log, wherever they stand. */
const SECRET_KEYS = ["password", "token", "secret", "cookie", "authorization", "backupCodes", "totp"];

/** JSON lines on standard error; what people are told goes to standard output. */
export function createLog(level: string, room: string): Logger {
  return pino(
    {
      level,
      base: { room },
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "***" },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
