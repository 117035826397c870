import type { Camera, StreamStatus } from "@mingjian/contract";

export type CameraLook = "online" | "connecting" | "fault" | "disabled";

/** The status of the stream that says how the camera fares: the main one. */
export function mainStatus(camera: Camera): StreamStatus | undefined {
  return camera.status.find((one) => one.role === "main") ?? camera.status[0];
}

/** One word for a camera's state, and the colour that goes with it. */
export function cameraLook(camera: Camera): CameraLook {
  if (!camera.enabled) return "disabled";
  const status = mainStatus(camera);
  if (status === undefined) return "connecting";
  if (status.state === "playing") return "online";
  return status.fault !== null || status.state === "backing-off" ? "fault" : "connecting";
}

export const hasSub = (camera: Camera): boolean => camera.streams.some((one) => one.role === "sub");
