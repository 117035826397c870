import type { CameraId, UnitId } from "@mingjian/vocab";

/** Which cameras are a unit's own. */
export interface Reach {
  camerasWithin(unit: UnitId): Promise<readonly CameraId[]>;
}
