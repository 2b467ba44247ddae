/** Several tables gone through side by side, tag by tag: what a merge adds up. */
import { compareTags } from "../sealed-table/linked-leaves.ts";
import { asTag, type Tag } from "../sealed-table/table-id.ts";
import { orderOfTags, tagAt } from "../sealed-table/tag-order.ts";
import { rowTag } from "./row.ts";
import { compareRows, nextOf, type Rows } from "./rows.ts";

/** Rows to add up for one tag: those of all who have it, none for padding. */
export interface Overlap {
  readonly tag: Tag;
  readonly rows: readonly Uint8Array[];
}

/** Tag by tag in order: each contribution is sorted, so one row of each is looked at. Rows are good until the next tag. */
export function* overlapsOf(contributions: readonly { readonly rows: Rows }[]): Generator<Overlap, undefined> {
  const heads = contributions.map(({ rows }) => {
    const ahead = rows[Symbol.iterator]();
    return { ahead, row: nextOf(ahead) };
  });
  for (;;) {
    const least = heads.reduce((row, head) => (compareRows(head.row, row) < 0 ? head.row : row), heads[0]?.row);
    if (!least) return undefined;
    const here = heads.filter(({ row }) => compareRows(row, least) === 0);
    yield { tag: rowTag(least), rows: here.flatMap(({ row }) => row ?? []) };
    for (const head of here) head.row = nextOf(head.ahead);
  }
}

/** The overlaps, and one of no rows for each of the tags, in order. */
export function* padded(overlaps: Iterable<Overlap>, tags: Uint8Array): Generator<Overlap> {
  const order = orderOfTags(tags);
  let next = 0;
  const padding = (): Overlap => ({ tag: asTag(tagAt(tags, order[next++] ?? 0)), rows: [] });
  const isBefore = (tag: Tag): boolean => next < order.length && compareTags(tagAt(tags, order[next] ?? 0), tag) < 0;
  for (const overlap of overlaps) {
    while (isBefore(overlap.tag)) yield padding();
    yield overlap;
  }
  while (next < order.length) yield padding();
}
