export type { UnitKind, Unit, Transport, RetentionClass, CameraStream, Camera, SourceInput, NewCamera, CameraChange, NewUnit, StreamSource, Actor, Change, RegistryReader, RegistryWriter, SourceReader, Registry } from "./model.ts";
export type { SecretBox } from "./needs.ts";
