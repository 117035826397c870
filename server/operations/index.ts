export { ALARMS_LISTED_MAX, AlarmLog, OPEN_ALARMS_MAX, PENDING_MAX } from "./alarms.ts";
export type { AlarmLine, AlarmNow } from "./alarms.ts";
