/**
 * Which dummies a revision carries. Within an epoch a subject's tag stays, so a mirror that holds two revisions sees
 * which tags came and which went. If the dummies stayed, that would be the firm's new cases, counted; if all were
 * renewed, what stayed would be the true table. So each revision renews a multiple of a 64th of the table, at least one,
 * and dummies fill what the subjects' own changes leave of it. (A tag that goes and comes back within one epoch is known
 * to be a subject's: dummies never return.)
 *
 * Dummies are numbered within their epoch (their nonces follow from the number and a secret seed); those alive are the
 * numbers from `start` up to `end`. Retiring moves `start`, adding moves `end`.
 */
import { countClass } from "./count-class.ts";

export interface DummyRange {
  readonly start: number;
  readonly end: number;
}

export interface RevisionShape {
  /** Entries of the table, a count class: subjects and dummies. */
  readonly entryCount: number;
  readonly subjects: number;
  readonly dummies: DummyRange;
}

/** The first table of an epoch: all its tags are new. */
export function firstRevision(subjects: number): RevisionShape {
  const entryCount = classWithReserve(subjects);
  return { entryCount, subjects, dummies: { start: 0, end: entryCount - subjects } };
}

/**
 * A later table of the same epoch, of `subjects` subjects, of which `added` were not in the last one. Tags that go: a
 * multiple of the last table's unit; tags that come: the same, plus what the table grew by. Tables do not shrink within
 * an epoch.
 */
export function nextRevision(previous: RevisionShape, subjects: number, added: number): RevisionShape {
  const removed = previous.subjects - (subjects - added);
  if (added < 0 || added > subjects || removed < 0) throw new RangeError("more subjects kept than there were");
  const entryCount = Math.max(classWithReserve(subjects), previous.entryCount);
  const growth = entryCount - previous.entryCount;
  const unit = churnUnit(previous.entryCount);
  const gone = Math.max(1, Math.ceil(Math.max(removed, added - growth) / unit)) * unit;
  // Never more than there are: every table keeps a unit of dummies in reserve.
  const start = previous.dummies.start + gone - removed;
  return { entryCount, subjects, dummies: { start, end: start + entryCount - subjects } };
}

/** A 64th of the table, the step in which change is visible. Count classes are multiples of 256. */
export function churnUnit(entryCount: number): number {
  return entryCount / 64;
}

function classWithReserve(subjects: number): number {
  let entryCount = countClass(subjects);
  while (entryCount - subjects < churnUnit(entryCount)) entryCount = countClass(entryCount + 1);
  return entryCount;
}
