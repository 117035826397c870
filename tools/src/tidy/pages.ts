import path from "node:path";
import type { House, SourceFile, Violation } from "./house.ts";
import { keysAt, lineAt, readJson, visit } from "./house.ts";

/** Headings as the anchors that code hosts make of them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#{1,6}\s+(.+?)\s*$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/[`*_]/g, "")
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .replace(/\s/g, "-");
    let unique = slug;
    for (let n = 1; anchors.has(unique); n++) unique = `${slug}-${n}`;
    anchors.add(unique);
  }
  for (const [, id = ""] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** Links from page to page, to files and to headings lead somewhere. Addresses of other sites are not fetched. */
export function checkLinks(house: House): Violation[] {
  const violations: Violation[] = [];
  const folders = new Set([...house.names].flatMap((name) => name.split("/").map((_, index, parts) => parts.slice(0, index).join("/"))));
  for (const [file, raw] of house.documents) {
    const text = raw.replace(/^(`{3,})[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, " ")).replace(/`[^`\n]*`/g, (code) => " ".repeat(code.length));
    for (const match of text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|\b(?:src|href)="([^"]+)"/g)) {
      const target = match[1] ?? match[2] ?? "";
      if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
      const [page = "", anchor] = target.split("#");
      const name = page === "" ? file : path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURIComponent(page))).replace(/\/$/, "");
      const complain = (what: string): void => void violations.push({ check: "links", file, line: lineAt(raw, match.index), what });
      if (!house.names.has(name) && !folders.has(name === "." ? "" : name)) complain(`${target} leads nowhere`);
      else if (anchor !== undefined && name.endsWith(".md") && !anchorsOf(house.documents.get(name) ?? "").has(decodeURIComponent(anchor))) {
        complain(`${target}: no such heading`);
      }
    }
  }
  return violations;
}

/** A file of ours has fewer lines than this. */
export const FILE_LINES_MAX = 500;
/** A function of ours has fewer lines than this; a test's own function may be a table. */
export const FUNCTION_LINES_MAX = 70;
/** A component's function is mostly markup, which reads from top to bottom. */
export const COMPONENT_LINES_MAX = 180;
/** Files of texts for people: a list, however long. */
const CATALOGUE = /^console\/src\/i18n\/(?:zh-CN|en)\.ts$/;

function functionsOf(file: SourceFile): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  const note = (node: { start: number; end: number }): void => void found.push({ start: node.start, end: node.end });
  visit(file, { FunctionDeclaration: note, FunctionExpression: note, ArrowFunctionExpression: note });
  return found;
}

/** Files and functions stay small enough to hold in the head. */
export function checkSizes(house: House): Violation[] {
  const violations: Violation[] = [];
  for (const file of house.sources) {
    const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
    if (lines >= FILE_LINES_MAX && !CATALOGUE.test(file.name))
      violations.push({
        check: "sizes",
        file: file.name,
        line: lines,
        what: `${lines} lines; fewer than ${FILE_LINES_MAX} are allowed`,
      });
    for (const error of file.parsed.errors) violations.push({ check: "files", file: file.name, line: 1, what: `does not parse: ${error.message}` });
    if (file.test) continue;
    for (const { start, end } of functionsOf(file)) {
      const first = lineAt(file.text, start);
      const long = lineAt(file.text, end) - first + 1;
      const most = file.name.endsWith(".tsx") ? COMPONENT_LINES_MAX : FUNCTION_LINES_MAX;
      if (long >= most)
        violations.push({
          check: "sizes",
          file: file.name,
          line: first,
          what: `a function of ${long} lines; fewer than ${most} are allowed`,
        });
    }
  }
  return violations;
}

/** Words in names of packages that recognise, track or search persons, faces, gait or plates, or that run such models. */
const RECOGNITION_WORDS = new Set([
  "face",
  "faces",
  "facial",
  "faceapi",
  "facenet",
  "facemesh",
  "facedetection",
  "facerecognition",
  "blazeface",
  "retinaface",
  "arcface",
  "insightface",
  "deepface",
  "mtcnn",
  "rekognition",
  "person",
  "persons",
  "pedestrian",
  "people",
  "reid",
  "gait",
  "pose",
  "poses",
  "posenet",
  "openpose",
  "blazepose",
  "movenet",
  "bodypix",
  "bodysegmentation",
  "handpose",
  "iris",
  "plate",
  "plates",
  "licenseplate",
  "lpr",
  "alpr",
  "anpr",
  "openalpr",
  "hyperlpr",
  "yolo",
  "yolov5",
  "yolov8",
  "ultralytics",
  "darknet",
  "deepsort",
  "bytetrack",
  "cocossd",
  "mediapipe",
  "opencv",
  "opencv4nodejs",
  "dlib",
  "tensorflow",
  "tfjs",
  "onnxruntime",
  "ncnn",
  "paddlejs",
  "paddlepaddle",
  "torch",
  "libtorch",
  "openvino",
  "mobilenet",
  "brainjs",
  "clarifai",
  "tracking",
]);
const RECOGNITION_PARTS =
  /face-?(?:api|detect|recogn|match|mesh|net)|(?:plate|person|human|body|pose|gait|people|pedestrian)-?(?:detect|recogn|track|search|count|segment)|vladmandic|opencv|tensorflow|onnx|coco-?ssd|body-?pix/;

export function namesRecognition(packageName: string): boolean {
  const name = packageName.toLowerCase();
  return RECOGNITION_PARTS.test(name) || name.split(/[^a-z0-9]+/).some((word) => RECOGNITION_WORDS.has(word));
}

/** Invariant 5: the system looks at places, never for people, and no dependency can. */
export function checkRecognition(house: House): Violation[] {
  const lock = readJson(house, "package-lock.json");
  const complain = (what: string): Violation => ({ check: "recognition", file: "package-lock.json", line: 1, what });
  const packages = keysAt(lock, "packages");
  if (packages.length === 0) return [complain("no lock file, so the dependencies are unknown")];
  const names = packages.flatMap((key) => (key.includes("node_modules/") ? [key.slice(key.lastIndexOf("node_modules/") + 13)] : []));
  return names.filter(namesRecognition).map((name) => complain(`${name} recognises, tracks or searches, or runs models that do`));
}
