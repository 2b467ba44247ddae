/** One figure. A goal is met or not; a figure without one is for information. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  /** What the figure is of: batch sizes, versions, how it was taken. */
  readonly note?: string;
}

export interface Section {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** `say` shows progress on one line; it is not part of the result. */
  run(say: (progress: string) => void): Promise<readonly Measurement[]>;
}

export function goalMet({ value, goal }: Measurement): boolean | undefined {
  if (goal === undefined) return undefined;
  return "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
}
