/** Sorting and comparing many tags that lie one after another in a byte string, without an object for each. */
import { compareTags } from "../../../protocol/sealed-table/linked-leaves.ts";
import { TAG_BYTES } from "../../../protocol/sealed-table/table-id.ts";

export function tagAt(tags: Uint8Array, index: number): Uint8Array {
  return tags.subarray(index * TAG_BYTES, (index + 1) * TAG_BYTES);
}

/** Indexes of the tags in ascending order. 8 bytes a tag of working memory. */
export function orderOfTags(tags: Uint8Array): Uint32Array {
  const count = tags.length / TAG_BYTES;
  const view = new DataView(tags.buffer, tags.byteOffset, tags.byteLength);
  const heads = Uint32Array.from({ length: count }, (_, i) => view.getUint32(i * TAG_BYTES));
  return Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => {
    const difference = (heads[a] ?? 0) - (heads[b] ?? 0);
    return difference === 0 ? compareTags(tagAt(tags, a), tagAt(tags, b)) : difference;
  });
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
