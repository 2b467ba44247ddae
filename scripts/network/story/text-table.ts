/** A table in plain text. Chinese characters take two columns of a terminal (Unicode East Asian Width W and F). */

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;

export function displayWidth(text: string): number {
  return [...text].length + (text.match(WIDE)?.length ?? 0);
}

/** Lines of the table, without indent; a column is as wide as its widest cell. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ""))));
  const cells = (row: readonly string[]): string =>
    widths
      .map((width, column) => pad(row[column] ?? "", width))
      .join(" │ ")
      .trimEnd();
  return [cells(head), widths.map((width) => "─".repeat(width)).join("─┼─"), ...rows.map(cells)];
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}
