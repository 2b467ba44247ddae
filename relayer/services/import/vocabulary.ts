/** Words of files in Chinese and English, and the codes they stand for. */

export interface Vocabulary<C extends string> {
  /** The code a cell stands for; undefined if the word is not known. `text` is a `cellText`. */
  read(text: string): C | undefined;
}

/** Codes are always words of their own; blanks, hyphens, underscores and case do not count. */
export function vocabulary<C extends string>(words: Readonly<Record<C, readonly string[]>>): Vocabulary<C> {
  const codes = new Map<string, C>();
  for (const [code, synonyms] of Object.entries(words) as [C, readonly string[]][]) {
    for (const word of [code, ...synonyms]) codes.set(fold(word), code);
  }
  return { read: (text) => codes.get(fold(text)) };
}

/** Several words in one cell, parted as people part them; undefined if any is unknown or there is none. */
export function readList<C extends string>(words: Vocabulary<C>, text: string): C[] | undefined {
  const found = new Set<C>();
  for (const part of text.split(/[,;|/、，；+]/).filter((word) => word.trim() !== "")) {
    const code = words.read(part);
    if (code === undefined) return undefined;
    found.add(code);
  }
  return found.size === 0 ? undefined : [...found];
}

function fold(word: string): string {
  return word
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_-]/g, "");
}
