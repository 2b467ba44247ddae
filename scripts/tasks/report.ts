/** What a task answers: one content, as a table for people or as JSON for programs. */
import type { Language } from "../../protocol/errors/fault.ts";
import type { Text } from "./language.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface Report {
  /** Field names are part of the interface: programs rely on them. */
  readonly json: Json;
  readonly text: (language: Language) => string;
  /** False makes the exit code 1. */
  readonly success?: boolean;
}

export interface Column<Row> {
  readonly title: Text;
  readonly cell: (row: Row, language: Language) => string;
}

/** Columns as wide as their content; a cell may have several lines. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], language: Language): string {
  if (rows.length === 0) return { en: "None.", zh: "无。" }[language];
  const head = columns.map(({ title }) => [title[language]]);
  const body = rows.map((row) => columns.map(({ cell }) => cell(row, language).split("\n")));
  const all = [head, ...body];
  const widths = columns.map((_, i) => Math.max(...all.flatMap((cells) => (cells[i] ?? []).map(displayWidth))));
  return all.flatMap((cells) => lines(cells, widths)).join("\n");
}

/** Two columns, names and values. */
export function sheet(entries: readonly (readonly [Text, string])[], language: Language): string {
  const width = Math.max(...entries.map(([name]) => displayWidth(name[language])));
  return entries
    .map(([name, value]) => pad(name[language], width + 2) + value.split("\n").join(`\n${" ".repeat(width + 2)}`))
    .join("\n");
}

function lines(cells: readonly string[][], widths: readonly number[]): string[] {
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, i) => pad(cell[line] ?? "", widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Columns of a terminal: what is East Asian wide takes two. */
function displayWidth(text: string): number {
  return Array.from(text).reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1),
    0,
  );
}
