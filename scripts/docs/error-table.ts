import { catalogue } from "../../protocol/errors/catalogue.ts";
import type { Descriptor } from "../../protocol/errors/descriptor.ts";
import type { Language } from "../../protocol/errors/fault.ts";

const head = {
  en: ["Code", "Status", "What happened", "What to do"],
  zh: ["代码", "状态码", "发生了什么", "如何处理"],
} as const;

/** Every error of the catalogue as a Markdown table, in the order of the codes. */
export function errorTable(language: Language): string {
  const rows = Object.entries<Descriptor>(catalogue)
    .sort(([a], [b]) => a.localeCompare(b, "en"))
    .map(([code, { status, title, remedy }]) => [`\`${code}\``, String(status), title[language], remedy[language]]);
  return [head[language], head[language].map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`)
    .join("\n");
}
