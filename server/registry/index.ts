export type {
  UnitKind,
  Unit,
  Transport,
  RetentionClass,
  CameraStream,
  Camera,
  SourceInput,
  NewCamera,
  CameraChange,
  NewUnit,
  StreamSource,
  Actor,
  Change,
  RegistryReader,
  RegistryWriter,
  SourceReader,
  Registry,
} from "./model.ts";
export type { SecretBox } from "./needs.ts";
export { createRegistry } from "./registry.ts";
export type { RegistryMeans } from "./registry.ts";
export { CHANGES_PAGE_MAX, UNIT_DEPTH_MAX } from "./reader.ts";
export { CAMERAS_MAX } from "./cameras.ts";
