/**
 * Paillier at 3,072 bits: encryption in each way against `paillier-bigint`, which has the same keys and ciphertexts, in the same
 * rounds of one run; what a contribution, a decryption share with its proof, and an answer cost; memory while a pool is filled.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { PublicKey } from "paillier-bigint";

import { utf8 } from "../../protocol/encoding/bytes.ts";
import { parseCiphertext } from "../../protocol/paillier/ciphertext.ts";
import { interpolate } from "../../protocol/paillier/combination.ts";
import { deal } from "../../protocol/paillier/deal.ts";
import { decryptShare, encodeShare, examineShare } from "../../protocol/paillier/decryption-share.ts";
import { add, encrypt } from "../../protocol/paillier/encryption.ts";
import { encryptWithProof, verifyKnowledge } from "../../protocol/paillier/knowledge-proof.ts";
import { createHidingTable } from "../../protocol/paillier/power-source.ts";
import { randomBelow } from "../../protocol/paillier/integer.ts";
import {
  createRandomiser,
  freshRandomiser,
  randomExponent,
  randomPower,
  type Randomisation,
} from "../../protocol/paillier/randomiser.ts";
import { PRIMES_3072 } from "../../test/protocol/paillier/safe-primes.ts";
import { interleave } from "../rounds.ts";
import type { Measurement, Section } from "../section.ts";
import type { FillResult, FillRun } from "./paillier-fill-run.ts";

const ROUNDS = 5;
const [THRESHOLD, SHARES] = [3, 5];
const FILL: FillRun = { capacity: 128, taken: 1500 };

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const paillier: Section = {
  name: "paillier",
  title: "Paillier, 3,072 bits: encryption and threshold decryption",
  async run(say) {
    const dealing = deal({ ...PRIMES_3072, threshold: THRESHOLD, shares: SHARES }, random);
    const { thresholdKey, keyShares } = dealing;
    const [first] = keyShares;
    if (!first) throw new Error("no share was dealt");
    const { key } = thresholdKey;
    const theirs = new PublicKey(key.n, key.g);
    // What a full ciphertext holds; theirs takes less for fewer bits, ours does not.
    const plaintext = randomBelow(key.n, random);
    const amount = 10n ** 15n;
    const context = utf8("bench");
    const encryptBy = (way: Randomisation) => encrypt(key, plaintext, freshRandomiser(key, way, random));
    const tableOf = (way: Exclude<Randomisation, "full">) => {
      const start = performance.now();
      const table = createHidingTable(key, way);
      const buildMillis = performance.now() - start;
      const draw = () => createRandomiser(key, table.power(randomExponent(key, way, random)));
      return { encrypt: () => encrypt(key, plaintext, draw()), buildMillis, megabytes: table.tableBytes / 1e6 };
    };
    const [half, short] = [tableOf("half-exponent"), tableOf("short-exponent")];
    const ciphertext = encryptBy("half-exponent");
    const task = { ciphertext, context };
    const shares = keyShares.map((share) => decryptShare(thresholdKey, share, task, random));
    const proven = encryptWithProof(key, plaintext, context, random);
    const power = randomPower(key, "short-exponent", random);

    const one = (name: string, run: () => unknown) => ({ name, items: 1, run: () => void run() });
    const rounds = interleave(
      [
        one("theirs", () => theirs.encrypt(plaintext)),
        one("theirs, an amount", () => theirs.encrypt(amount)),
        one("full", () => encryptBy("full")),
        one("half", () => encryptBy("half-exponent")),
        one("half, table", half.encrypt),
        one("short", () => encryptBy("short-exponent")),
        one("short, table", short.encrypt),
        // As it comes out of a reserve; the same power each time, which only a bench may do.
        one("online", () => encrypt(key, plaintext, createRandomiser(key, power))),
        one("add", () => add(key, ciphertext, proven.ciphertext)),
        one("parse", () => parseCiphertext(key, ciphertext)),
        one("contribute", () => encryptWithProof(key, plaintext, context, random)),
        one("know", () => verifyKnowledge(key, proven.ciphertext, context, proven.proof)),
        one("share", () => decryptShare(thresholdKey, first, task, random)),
        ...shares.slice(0, 1).map((share) => one("examine", () => examineShare(thresholdKey, task, share))),
        one("interpolate", () => interpolate(thresholdKey, shares.slice(0, THRESHOLD))),
      ],
      ROUNDS,
      say,
    );
    say("filling a pool");
    const { peakBytes } = await fill();

    const millis = (name: string): number => rounds.itemMicros(name) / 1000;
    const micros = (name: string): number => rounds.itemMicros(name);
    const against = (name: string, atLeast?: number): Measurement => ({
      name: "  we against it",
      value: rounds.ratio(name, "theirs"),
      unit: "x",
      ...(atLeast === undefined ? {} : { goal: { atLeast } }),
      note: `for an amount of 50 bits ${rounds.ratio(name, "theirs, an amount").toFixed(1)} x`,
    });
    const holders = `${String(THRESHOLD)} of ${String(SHARES)}`;
    return [
      {
        name: "encryption by paillier-bigint",
        value: millis("theirs"),
        unit: "ms",
        note: `any plaintext; an amount of 50 bits ${millis("theirs, an amount").toFixed(0)} ms`,
      },
      { name: "encryption, full exponent", value: millis("full"), unit: "ms" },
      against("full"),
      {
        name: "encryption, exponent of 1,536 bits",
        value: millis("half"),
        unit: "ms",
        note: "in use where few follow",
      },
      against("half"),
      {
        name: "encryption, exponent of 1,536 bits, table",
        value: millis("half, table"),
        unit: "ms",
        note: `in use where many follow; ${tableNote(half)}`,
      },
      against("half, table", 15),
      { name: "encryption, exponent of 512 bits", value: millis("short"), unit: "ms" },
      against("short", 35),
      {
        name: "encryption, exponent of 512 bits, table",
        value: millis("short, table"),
        unit: "ms",
        note: tableNote(short),
      },
      against("short, table"),
      { name: "encryption from the reserve", value: micros("online"), unit: "µs" },
      against("online", 500),
      { name: "adding two ciphertexts", value: micros("add"), unit: "µs" },
      { name: "checking a received ciphertext", value: micros("parse"), unit: "µs" },
      { name: "contribution: encryption with its proof", value: millis("contribute"), unit: "ms" },
      { name: "verifying a contribution's proof", value: millis("know"), unit: "ms" },
      {
        name: "decryption share with its proof",
        value: millis("share"),
        unit: "ms",
        note: `${holders}; ${shares.map((share) => encodeShare(thresholdKey, share).length)[0] ?? 0} bytes`,
      },
      { name: "verifying a decryption share", value: millis("examine"), unit: "ms" },
      { name: "combining verified shares", value: millis("interpolate"), unit: "ms", note: holders },
      {
        name: "peak memory while a pool is filled, ten times as long",
        value: peakBytes[1] / peakBytes[0],
        unit: "x",
        goal: { atMost: 1.1 },
        note: `${String(FILL.taken)} taken, ${String(FILL.capacity)} kept ready; ${(peakBytes[1] / 2 ** 20).toFixed(0)} MiB with the thread`,
      },
    ];
  },
};

function tableNote({ megabytes, buildMillis }: { megabytes: number; buildMillis: number }): string {
  return `${megabytes.toFixed(1)} MB, made once in ${(buildMillis / 1000).toFixed(2)} s`;
}

async function fill(): Promise<FillResult> {
  const program = fileURLToPath(new URL("paillier-fill-run.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(FILL)]);
  return JSON.parse(stdout) as FillResult;
}
