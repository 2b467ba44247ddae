import { relative } from "node:path";

/** A path as short as it can be from where the person is. */
export function here(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
