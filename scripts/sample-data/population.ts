/**
 * Who has records where. Most subjects are at one firm. Of each pair of firms one subject in a hundred is at both, and one
 * in twenty of the Association's is at a firm too. Beside them each firm has demo subjects to ask about, whose answers
 * are known: see expectations.ts.
 */
import type { Prng } from "./prng.ts";

export type DemoKind = "two-holders" | "one-holder" | "none" | "one-holder-and-association";

export const DEMO_KINDS: readonly DemoKind[] = ["two-holders", "one-holder", "none", "one-holder-and-association"];

/** Subjects a firm has of each demo kind. */
export const DEMO_OF_EACH = 5;

export interface SampleSubject {
  readonly number: string;
  /** Members that have records of the subject. */
  readonly holders: readonly string[];
  /** Firm for which it is a demo subject, and which kind. */
  readonly demo?: { readonly querier: string; readonly kind: DemoKind };
}

export interface PopulationOptions {
  readonly firms: readonly string[];
  readonly association: string;
  /** Subjects with records at each firm, exactly. */
  readonly subjectsPerFirm: number;
  readonly subjectsOfAssociation: number;
}

export function populate(prng: Prng, newNumber: () => string, options: PopulationOptions): SampleSubject[] {
  const { firms, association } = options;
  const room = new Map([
    ...firms.map((firm) => [firm, options.subjectsPerFirm] as const),
    [association, options.subjectsOfAssociation],
  ]);
  const subjects: SampleSubject[] = [];

  function settle(holders: readonly string[], demo?: SampleSubject["demo"]): void {
    if (holders.some((holder) => (room.get(holder) ?? 0) === 0)) return;
    for (const holder of holders) room.set(holder, (room.get(holder) ?? 0) - 1);
    subjects.push({ number: newNumber(), holders, ...(demo === undefined ? {} : { demo }) });
  }

  for (const [position, querier] of firms.entries()) {
    for (let i = 0; i < DEMO_OF_EACH; i += 1) {
      // The holders after the querier, in turn, so that every firm is asked.
      const other = (step: number): string =>
        firms[(position + 1 + ((i + step) % (firms.length - 1))) % firms.length] ?? querier;
      const [first, second] = [other(0), other(1)];
      settle(first === second ? [first] : [first, second], { querier, kind: "two-holders" });
      settle([first], { querier, kind: "one-holder" });
      settle([], { querier, kind: "none" });
      settle([first, association], { querier, kind: "one-holder-and-association" });
    }
  }
  const shared = Math.floor(options.subjectsPerFirm / 100);
  for (const [position, first] of firms.entries()) {
    for (const second of firms.slice(position + 1)) for (let i = 0; i < shared; i += 1) settle([first, second]);
  }
  const alsoAtFirms = Math.floor(options.subjectsOfAssociation / 20);
  for (let i = 0; i < alsoAtFirms; i += 1) settle([prng.pick(firms), association]);
  for (const [holder, left] of room) for (let i = 0; i < left; i += 1) settle([holder]);
  return subjects;
}
