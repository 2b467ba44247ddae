/** Sorting and comparing many tags that lie one after another in a byte string, without an object for each. */
import { compareTags } from "./linked-leaves.ts";
import { TAG_BYTES } from "./table-id.ts";

export function tagAt(tags: Uint8Array, index: number): Uint8Array {
  return tags.subarray(index * TAG_BYTES, (index + 1) * TAG_BYTES);
}

/**
 * Indexes of the tags in ascending order. 8 bytes a tag of working memory, half of them the result's: a number made of a
 * tag's first four bytes and its index is sorted in place, where a sort by comparison would make lists of objects.
 */
export function orderOfTags(tags: Uint8Array): Uint32Array {
  const count = tags.length / TAG_BYTES;
  const view = new DataView(tags.buffer, tags.byteOffset, tags.byteLength);
  const headAt = (index: number): number => view.getUint32(index * TAG_BYTES);
  const keys = new BigUint64Array(count);
  // Little-endian, as are all platforms that are supported: the index comes first.
  const words = new Uint32Array(keys.buffer);
  for (let i = 0; i < count; i++) {
    words[2 * i] = i;
    words[2 * i + 1] = headAt(i);
  }
  keys.sort();
  for (let i = 0; i < count; i++) words[i] = words[2 * i] ?? 0;
  const order = words.subarray(0, count);
  // Of a million random tags about a hundred pairs share their first four bytes.
  for (let start = 0, end = 1; start < count; start = end++) {
    while (end < count && headAt(order[end] ?? 0) === headAt(order[start] ?? 0)) end++;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => compareTags(tagAt(tags, a), tagAt(tags, b)));
  }
  return order;
}

/** How many of `tags` (in any order) are not among `sorted`, an ascending stream of tags. */
export function countAbsent(tags: Uint8Array, sorted: Iterable<Uint8Array>): number {
  const order = orderOfTags(tags);
  let position = 0;
  let present = 0;
  for (const known of sorted) {
    while (position < order.length && compareTags(tagAt(tags, order[position] ?? 0), known) < 0) position += 1;
    while (position < order.length && compareTags(tagAt(tags, order[position] ?? 0), known) === 0) {
      position += 1;
      present += 1;
    }
  }
  return order.length - present;
}
