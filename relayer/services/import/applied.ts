/** Where lines come from, and what became of them. */
export interface LineSource {
  readonly importId: string;
  readonly at: Date;
}

export interface AppliedCounts {
  readonly added: number;
  readonly corrected: number;
  readonly unchanged: number;
  readonly leftWithdrawn: number;
}

export const NOTHING_APPLIED: AppliedCounts = { added: 0, corrected: 0, unchanged: 0, leftWithdrawn: 0 };

export function addCounts(a: AppliedCounts, b: AppliedCounts): AppliedCounts {
  return {
    added: a.added + b.added,
    corrected: a.corrected + b.corrected,
    unchanged: a.unchanged + b.unchanged,
    leftWithdrawn: a.leftWithdrawn + b.leftWithdrawn,
  };
}
