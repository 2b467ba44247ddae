/** What the doctor says of one thing. */
export interface Finding {
  readonly what: string;
  readonly verdict: "ok" | "warning" | "problem";
  /** The fact that was found. */
  readonly found: string;
  /** What to do; for whatever is not in order. */
  readonly remedy?: string;
}

export function ok(what: string, found: string): Finding {
  return { what, verdict: "ok", found };
}

export function warning(what: string, found: string, remedy: string): Finding {
  return { what, verdict: "warning", found, remedy };
}

export function problem(what: string, found: string, remedy: string): Finding {
  return { what, verdict: "problem", found, remedy };
}

const SIGNS = { ok: "✔", warning: "!", problem: "✘" } as const;

export function findingLines({ what, verdict, found, remedy }: Finding): string[] {
  const line = `${SIGNS[verdict]} ${what.padEnd(24)} ${found}`;
  return remedy === undefined ? [line] : [line, `${" ".repeat(27)}${remedy}`];
}
