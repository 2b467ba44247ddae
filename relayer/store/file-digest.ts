/** The digest of a file of any size, without holding up the thread. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of `prefix` and the file. */
export async function sha256OfFile(path: string, prefix: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
  const hash = createHash("sha256").update(prefix);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return new Uint8Array(hash.digest());
}
