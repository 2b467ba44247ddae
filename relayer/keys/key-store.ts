/**
 * A relayer's keys: files outside the database, readable by its account only. An epoch key is fresh and random, can be made
 * from nothing else, and once destroyed is never made anew: a mark stays in its place.
 */
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";

import { isPrivate } from "tiny-secp256k1";

import { bytesEqual, fromHex, toHex, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { ristretto255Sha512 as oprf, type KeyPair } from "../../protocol/oprf/oprf.ts";
import { PUBLIC_KEY_BYTES, SCALAR_BYTES, type Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { generateKeyPair, matchingKeyPair } from "../../protocol/sm/sm2-key.ts";
import { createKeyFile, readKeyFile, shredKeyFile } from "./key-file.ts";

export interface KeyStore {
  /** secp256k1 private key of the account that signs for this member on chain, 32 bytes; made at first use. */
  operatorKey(): Promise<Uint8Array>;
  /** SM2 key by which the other members' relayers and the registry know this member; made at first use. */
  identityKey(): Promise<Sm2KeyPair>;
  /** The account's key if it exists: never makes one. */
  findOperatorKey(): Promise<Uint8Array | undefined>;
  /** The SM2 key if it exists: never makes one. */
  findIdentityKey(): Promise<Sm2KeyPair | undefined>;
  /** The SM2 key that will follow: made when first asked for, kept beside the one in use until it is adopted. */
  nextIdentityKey(): Promise<Sm2KeyPair>;
  findNextIdentityKey(): Promise<Sm2KeyPair | undefined>;
  /** The SM2 key in use and the next one, as far as they are there. Never makes one. */
  identityKeys(): Promise<readonly Sm2KeyPair[]>;
  /** Puts the next SM2 key in the place of the one in use, which is overwritten. Nothing happens if there is no next. */
  adoptNextIdentityKey(): Promise<void>;
  /** Keys of the column cipher; made at first use. */
  columnKeys(): Promise<ColumnKeys>;
  /** OPRF key of a dataset (0x hex id) in an epoch: fresh random at first use, the same ever after.
   * @throws Fault EPOCH_KEY_DESTROYED */
  epochKey(dataset: string, epoch: number): Promise<KeyPair>;
  /** The key if it exists: never makes one. @throws Fault EPOCH_KEY_DESTROYED */
  findEpochKey(dataset: string, epoch: number): Promise<KeyPair | undefined>;
  /** Overwrites and unlinks the key for good. False when there was none (it can then not be made either). */
  destroyEpochKey(dataset: string, epoch: number): Promise<boolean>;
}

export interface ColumnKeys {
  /** SM4, 16 bytes. */
  readonly encryption: Uint8Array;
  /** HMAC-SM3, 32 bytes. */
  readonly authentication: Uint8Array;
  /** HMAC-SM3 of blind indexes, 32 bytes. */
  readonly index: Uint8Array;
}

/** One kind of key: how to make it, write it, and read it back. */
interface KeyKind<T> {
  make(): T;
  encode(key: T): Record<string, string>;
  /** @throws anything if the content is not such a key. */
  decode(fields: Record<string, string>): T;
}

export function createKeyStore(directory: string, random: RandomBytes): KeyStore {
  const operator: KeyKind<Uint8Array> = {
    make() {
      // Of 2^256 values all but 2^-127 are valid scalars (SEC 2).
      for (;;) {
        const key = random(32);
        if (isPrivate(key)) return key;
      }
    },
    encode: (key) => ({ privateKey: toHex(key) }),
    decode(fields) {
      const key = bytesField(fields, "privateKey", 32);
      if (!isPrivate(key)) throw new RangeError("not a secp256k1 private key");
      return key;
    },
  };
  const identity: KeyKind<Sm2KeyPair> = {
    make: () => generateKeyPair(random),
    encode: (key) => ({ secretKey: toHex(key.secretKey), publicKey: toHex(key.publicKey) }),
    decode: (fields) =>
      matchingKeyPair(bytesField(fields, "secretKey", SCALAR_BYTES), bytesField(fields, "publicKey", PUBLIC_KEY_BYTES)),
  };
  const column: KeyKind<ColumnKeys> = {
    make: () => ({ encryption: random(16), authentication: random(32), index: random(32) }),
    encode: (keys) => ({
      encryption: toHex(keys.encryption),
      authentication: toHex(keys.authentication),
      index: toHex(keys.index),
    }),
    decode: (fields) => ({
      encryption: bytesField(fields, "encryption", 16),
      authentication: bytesField(fields, "authentication", 32),
      index: bytesField(fields, "index", 32),
    }),
  };
  const epochKind: KeyKind<KeyPair> = {
    make: () => oprf.generateKeyPair(random),
    encode: (key) => ({ secretKey: toHex(key.secretKey), publicKey: toHex(key.publicKey) }),
    decode(fields) {
      const secretKey = oprf.decodeScalar(bytesField(fields, "secretKey", oprf.scalarBytes));
      const publicKey = oprf.publicKeyOf(secretKey);
      if (!bytesEqual(publicKey, bytesField(fields, "publicKey", oprf.elementBytes))) {
        throw new RangeError("public key of another secret key");
      }
      return { secretKey, publicKey };
    },
  };
  /** Checked keys, by file: decoding costs a scalar multiplication. */
  const checked = new Map<string, KeyPair>();

  async function find<T>(file: string, kind: KeyKind<T>): Promise<T | undefined> {
    const content = await readKeyFile(file);
    if (content === undefined) return undefined;
    try {
      return kind.decode(JSON.parse(content) as Record<string, string>);
    } catch {
      // The cause could quote the key.
      throw new Fault("KEY_FILE_INVALID", { file });
    }
  }

  async function obtain<T>(file: string, kind: KeyKind<T>): Promise<T> {
    const known = await find(file, kind);
    if (known !== undefined) return known;
    const made = kind.make();
    if (await createKeyFile(file, `${JSON.stringify(kind.encode(made))}\n`, random)) return made;
    return await obtain(file, kind);
  }

  const operatorFile = join(directory, "operator.json");
  const identityFile = join(directory, "identity.json");
  const nextIdentityFile = join(directory, "identity-next.json");

  function epochFile(dataset: string, epoch: number): string {
    if (!/^0x[0-9a-f]{64}$/.test(dataset) || !Number.isSafeInteger(epoch) || epoch < 0) {
      throw new RangeError("a dataset is 32 bytes of 0x hex, an epoch a count");
    }
    return join(directory, "epoch", `${dataset}-${String(epoch)}.json`);
  }

  const mark = (file: string): string => `${file}.destroyed`;

  async function findEpochKey(dataset: string, epoch: number): Promise<KeyPair | undefined> {
    const file = epochFile(dataset, epoch);
    if (existsSync(mark(file))) {
      forget(file);
      throw new Fault("EPOCH_KEY_DESTROYED", { dataset, epoch });
    }
    const known = checked.get(file);
    if (known !== undefined && existsSync(file)) return known;
    const key = await find(file, epochKind);
    if (key !== undefined) checked.set(file, key);
    return key;
  }

  function forget(file: string): void {
    checked.get(file)?.secretKey.fill(0);
    checked.delete(file);
  }

  return {
    operatorKey: () => obtain(operatorFile, operator),
    identityKey: () => obtain(identityFile, identity),
    findOperatorKey: () => find(operatorFile, operator),
    findIdentityKey: () => find(identityFile, identity),
    nextIdentityKey: () => obtain(nextIdentityFile, identity),
    findNextIdentityKey: () => find(nextIdentityFile, identity),
    async identityKeys() {
      const keys = await Promise.all([identityFile, nextIdentityFile].map((file) => find(file, identity)));
      return keys.filter((key) => key !== undefined);
    },
    async adoptNextIdentityKey() {
      if ((await find(nextIdentityFile, identity)) === undefined) return;
      await shredKeyFile(identityFile, random);
      await rename(nextIdentityFile, identityFile);
    },
    columnKeys: () => obtain(join(directory, "columns.json"), column),
    findEpochKey,
    async epochKey(dataset, epoch) {
      const known = await findEpochKey(dataset, epoch);
      if (known !== undefined) return known;
      const file = epochFile(dataset, epoch);
      const key = await obtain(file, epochKind);
      // Destroyed while it was being made: the mark came first, so it is seen here.
      if (existsSync(mark(file))) {
        await shredKeyFile(file, random);
        throw new Fault("EPOCH_KEY_DESTROYED", { dataset, epoch });
      }
      checked.set(file, key);
      return key;
    },
    async destroyEpochKey(dataset, epoch) {
      const file = epochFile(dataset, epoch);
      await createKeyFile(mark(file), "", random);
      forget(file);
      return await shredKeyFile(file, random);
    },
  };
}

function bytesField(fields: Record<string, string>, name: string, length: number): Uint8Array {
  const text = fields[name];
  if (text === undefined) throw new RangeError(`no ${name}`);
  return fromHex(text, length);
}
