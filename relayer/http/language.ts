import type { Language } from "../../protocol/errors/fault.ts";

/** The reader's language by Accept-Language (RFC 9110, 12.5.4); English when neither is named. */
export function languageOf(header: string | undefined): Language {
  let best: { language: Language; weight: number } = { language: "en", weight: 0 };
  for (const part of (header ?? "").slice(0, 1_000).split(",")) {
    const [range = "", ...parameters] = part.trim().toLowerCase().split(";");
    const language = /^(en|zh)(?:-|$)/.exec(range.trim())?.[1] as Language | undefined;
    const weight = Number(/^\s*q=([01](?:\.\d{0,3})?)$/.exec(parameters[0] ?? "q=1")?.[1] ?? 0);
    if (language !== undefined && weight > best.weight) best = { language, weight };
  }
  return best.language;
}
