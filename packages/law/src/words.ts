import words from "../schema/words.json" with { type: "json" };

/** One sentence or name in Chinese and in English. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

export type WordList = keyof typeof words;

const LISTS = Object.fromEntries(Object.entries(words).map(([list, entries]) => [list, new Map<string, Text>(Object.entries(entries))]));

/** Every word of one list with its names, in the order of schema/words.json. */
export function wordList(list: WordList): ReadonlyMap<string, Text> {
  return LISTS[list] ?? new Map<string, Text>();
}

/** The names of a word, or the word itself when the list does not hold it. */
export function label(list: WordList, word: string): Text {
  return wordList(list).get(word) ?? { zh: word, en: word };
}
