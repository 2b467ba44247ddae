/**
 * What an algorithm node keeps secret, in files like all keys: of a round that runs, the seed and the key to which its
 * shares are sealed; of rounds that made keys, its shares. Nothing here is in a database or its backups, and both kinds
 * are overwritten when they have served.
 */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

import { fromHex, toHex, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { ristretto255 } from "../../protocol/group/ristretto255.ts";
import { SEED_BYTES } from "../../protocol/key-round/expanded-seed.ts";
import type { RoundSecrets } from "../../protocol/key-round/participant.ts";
import { KEY_PURPOSES, type KeyPurpose } from "../../protocol/key-round/round.ts";
import { SCALAR_BYTES } from "../../protocol/sm/sm2-curve.ts";
import { generateKeyPair, keyPairOf } from "../../protocol/sm/sm2-key.ts";
import type { KeyShare } from "../../protocol/threshold/key-set.ts";
import { createKeyFile, readKeyFile, shredKeyFile } from "./key-file.ts";

export interface HeldShare {
  readonly round: number;
  readonly purpose: KeyPurpose;
}

export interface NodeKeys {
  /** Secrets of a round: made at first use, the same ever after, until they are shredded. */
  roundSecrets(round: number): Promise<RoundSecrets>;
  /** Never makes any. */
  findRoundSecrets(round: number): Promise<RoundSecrets | undefined>;
  /** Rounds of which there are secrets, ascending. */
  openRounds(): Promise<readonly number[]>;
  shredRoundSecrets(round: number): Promise<void>;
  /** On disk when this resolves. A share that is there already under the same name is replaced if it is another. */
  keepShare(held: HeldShare, share: KeyShare): Promise<void>;
  findShare(held: HeldShare): Promise<KeyShare | undefined>;
  heldShares(): Promise<readonly HeldShare[]>;
  shredShare(held: HeldShare): Promise<void>;
}

const ROUND_FILE = /^round-(\d+)\.json$/;
const SHARE_FILE = /^share-(\d+)-([a-z]+)\.json$/;

/** @param directory of this relayer's keys */
export function createNodeKeys(directory: string, random: RandomBytes): NodeKeys {
  const folder = join(directory, "node");
  const roundFile = (round: number): string => join(folder, `round-${String(round)}.json`);
  const shareFile = ({ round, purpose }: HeldShare): string => join(folder, `share-${String(round)}-${purpose}.json`);

  async function find<T>(file: string, decode: (fields: Record<string, unknown>) => T): Promise<T | undefined> {
    const content = await readKeyFile(file);
    if (content === undefined) return undefined;
    try {
      return decode(JSON.parse(content) as Record<string, unknown>);
    } catch {
      // The cause could quote the key.
      throw new Fault("KEY_FILE_INVALID", { file });
    }
  }

  const findRoundSecrets = (round: number): Promise<RoundSecrets | undefined> =>
    find(roundFile(round), (fields) => ({
      seed: fromHex(String(fields["seed"]), SEED_BYTES),
      joining: keyPairOf(fromHex(String(fields["joining"]), SCALAR_BYTES)),
    }));

  const findShare = (held: HeldShare): Promise<KeyShare | undefined> =>
    find(shareFile(held), (fields) => ({
      index: Number(fields["index"]),
      secret: ristretto255.decodeScalar(fromHex(String(fields["secret"]), ristretto255.scalarBytes)),
    }));

  async function names(): Promise<readonly string[]> {
    try {
      return await readdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  /** With what a maker that was killed left beside it. */
  async function shred(file: string): Promise<void> {
    await shredKeyFile(file, random);
    const left = (await names()).filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith(".new"));
    for (const name of left) await shredKeyFile(join(folder, name), random);
  }

  return {
    findRoundSecrets,
    async roundSecrets(round) {
      for (;;) {
        const known = await findRoundSecrets(round);
        if (known !== undefined) return known;
        const fields = { seed: toHex(random(SEED_BYTES)), joining: toHex(generateKeyPair(random).secretKey) };
        // Of two processes of one relayer the first makes them, and both read what it made.
        await createKeyFile(roundFile(round), `${JSON.stringify(fields)}\n`, random);
      }
    },
    async openRounds() {
      const rounds = (await names()).map((name) => ROUND_FILE.exec(name)?.[1]);
      return rounds
        .filter((round) => round !== undefined)
        .map(Number)
        .sort((a, b) => a - b);
    },
    async shredRoundSecrets(round) {
      await shred(roundFile(round));
    },
    async keepShare(held, share) {
      const file = shareFile(held);
      const content = `${JSON.stringify({ index: share.index, secret: toHex(share.secret) })}\n`;
      while (!(await createKeyFile(file, content, random))) {
        if ((await readKeyFile(file)) === content) return;
        await shredKeyFile(file, random);
      }
    },
    findShare,
    async heldShares() {
      return (await names()).flatMap((name): HeldShare[] => {
        const [, round, purpose] = SHARE_FILE.exec(name) ?? [];
        const known = KEY_PURPOSES.find((each) => each === purpose);
        return known === undefined ? [] : [{ round: Number(round), purpose: known }];
      });
    },
    async shredShare(held) {
      await shred(shareFile(held));
    },
  };
}
