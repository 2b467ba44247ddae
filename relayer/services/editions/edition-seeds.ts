/**
 * The seeds from which the randomness of a contribution or of a merge follows: key files, made at first use, kept for as
 * long as rows may have to be opened, then overwritten.
 */
import { readdirSync, existsSync } from "node:fs";
import { join } from "node:path";

import { fromHex, toHex, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { createKeyFile, readKeyFile, shredKeyFile } from "../../keys/key-file.ts";

export type SeedUse = "contribution" | "merge";

const SEED_BYTES = 32;

export interface EditionSeeds {
  /** The same ever after. @throws Fault KEY_FILE_INVALID, KEY_FILE_EXPOSED */
  obtain(edition: number, use: SeedUse): Promise<Uint8Array>;
  /** Never makes one. @throws Fault EDITION_SEED_MISSING */
  find(edition: number, use: SeedUse): Promise<Uint8Array>;
  /** Erases those of editions before `edition`. */
  eraseBefore(edition: number): Promise<void>;
}

export function createEditionSeeds(keyDir: string, random: RandomBytes): EditionSeeds {
  const directory = join(keyDir, "editions");
  const fileOf = (edition: number, use: SeedUse): string => join(directory, `${String(edition)}-${use}.json`);

  async function read(file: string): Promise<Uint8Array | undefined> {
    const content = await readKeyFile(file);
    if (content === undefined) return undefined;
    try {
      return fromHex(String((JSON.parse(content) as { seed?: unknown }).seed), SEED_BYTES);
    } catch {
      // The cause could quote the seed.
      throw new Fault("KEY_FILE_INVALID", { file });
    }
  }

  return {
    async obtain(edition, use) {
      const file = fileOf(edition, use);
      const known = await read(file);
      if (known) return known;
      await createKeyFile(file, `${JSON.stringify({ seed: toHex(random(SEED_BYTES)) })}\n`, random);
      return (await read(file)) ?? (await this.obtain(edition, use));
    },
    async find(edition, use) {
      const seed = await read(fileOf(edition, use));
      if (!seed) throw new Fault("EDITION_SEED_MISSING", { edition });
      return seed;
    },
    async eraseBefore(edition) {
      if (!existsSync(directory)) return;
      const old = readdirSync(directory).filter((name) => Number(name.split("-", 1)[0]) < edition);
      for (const name of old) await shredKeyFile(join(directory, name), random);
    },
  };
}
