/** What tasks say, in the two languages of the platform. */
import type { Language } from "../../protocol/errors/fault.ts";

export type Text = Readonly<Record<Language, string>>;

/** A text that is the same in both: names, numbers, addresses. */
export function same(text: string): Text {
  return { en: text, zh: text };
}

/** One text for several, a separator between them. */
export function joined(texts: readonly Text[], separator: Text = { en: ", ", zh: "、" }): Text {
  return {
    en: texts.map(({ en }) => en).join(separator.en),
    zh: texts.map(({ zh }) => zh).join(separator.zh),
  };
}

export function sentence({ en, zh }: Text): Text {
  return { en: en.charAt(0).toUpperCase() + en.slice(1), zh };
}
