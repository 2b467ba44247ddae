/** The generated reference pages and their content. */
import { configurationTable } from "../../relayer/config/config.ts";
import { errorTable } from "./error-table.ts";
import { openApiPages } from "./openapi-pages.ts";
import type { Page } from "./page.ts";

const note = {
  en: "<!-- Made by `npm run docs:generate`: change the program, not this page. -->",
  zh: "<!-- 本页由 `npm run docs:generate` 生成：请修改程序，不要修改本页。 -->",
} as const;

export function pages(): Page[] {
  return [
    page("docs/reference/errors.md", "en", "Errors", errorTable("en")),
    page("docs/reference/errors.zh-CN.md", "zh", "错误代码", errorTable("zh")),
    page("docs/reference/configuration.md", "en", "Configuration of a relayer", configurationTable("en")),
    page("docs/reference/configuration.zh-CN.md", "zh", "中继配置", configurationTable("zh")),
    ...openApiPages(),
  ];
}

function page(file: string, language: "en" | "zh", title: string, body: string): Page {
  return { file, content: `# ${title}\n\n${note[language]}\n\n${body}\n` };
}
