/**
 * The line (from 1) of each value and key in a JSON text, by JSON pointer. A pointer to a missing place is looked
 * up by its longest known ancestor. The text has already passed JSON.parse.
 */
export function lineFinder(text: string): (pointer: string) => number {
  const lines = new Map<string, number>();
  const scanner = { text, at: 0, line: 1 };
  scanValue(scanner, "", lines);
  return (pointer) => {
    for (let path = pointer; ; path = path.slice(0, path.lastIndexOf("/"))) {
      const line = lines.get(path);
      if (line !== undefined) return line;
      if (path === "") return 1;
    }
  };
}

interface Scanner {
  readonly text: string;
  at: number;
  line: number;
}

function skipSpace(scanner: Scanner): string {
  for (;;) {
    const char = scanner.text[scanner.at];
    if (char === "\n") scanner.line++;
    if (char !== " " && char !== "\n" && char !== "\r" && char !== "\t") return char ?? "";
    scanner.at++;
  }
}

function scanString(scanner: Scanner): string {
  const start = scanner.at++;
  while (scanner.at < scanner.text.length && scanner.text[scanner.at] !== '"') {
    scanner.at += scanner.text[scanner.at] === "\\" ? 2 : 1;
  }
  scanner.at++;
  const value: unknown = JSON.parse(scanner.text.slice(start, scanner.at));
  return String(value);
}

function scanValue(scanner: Scanner, pointer: string, lines: Map<string, number>): void {
  const first = skipSpace(scanner);
  if (!lines.has(pointer)) lines.set(pointer, scanner.line);
  if (first === '"') scanString(scanner);
  else if (first === "{") scanMembers(scanner, pointer, lines, true);
  else if (first === "[") scanMembers(scanner, pointer, lines, false);
  else while (scanner.at < scanner.text.length && /[^\s,\]}]/.test(scanner.text[scanner.at] ?? "")) scanner.at++;
}

function scanMembers(scanner: Scanner, pointer: string, lines: Map<string, number>, named: boolean): void {
  scanner.at++;
  for (let index = 0; scanner.at < scanner.text.length; index++) {
    const next = skipSpace(scanner);
    if (next === "}" || next === "]") break;
    let name = String(index);
    if (named) {
      const line = scanner.line;
      name = scanString(scanner).replaceAll("~", "~0").replaceAll("/", "~1");
      lines.set(`${pointer}/${name}`, line);
      skipSpace(scanner);
      scanner.at++;
    }
    scanValue(scanner, `${pointer}/${name}`, lines);
    if (skipSpace(scanner) === ",") scanner.at++;
  }
  scanner.at++;
}

const TOKEN = /\s*(?:[{}[\],:]|"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/y;

/**
 * Where a text that is not JSON goes wrong, when the parser does not say: the first thing that is no token, or a
 * mark that cannot stand after the one before it (a trailing comma, above all).
 */
export function firstBadToken(text: string): number {
  let before = "";
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0].trim();
    if (token === undefined) return start + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0);
    const closes = token === "]" || token === "}";
    const separates = token === "," || token === ":";
    if ((closes && (before === "," || before === ":")) || (separates && [",", ":", "[", "{", ""].includes(before))) return TOKEN.lastIndex - 1;
    before = token;
  }
}
