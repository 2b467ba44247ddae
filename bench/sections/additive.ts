/**
 * The two additive schemes through their common interface, in the same rounds of one run: what decision 0019 compares. One
 * amount of up to 23 bits, 3 of 5 holders; Paillier carries thousands of bits for the same price, which is the other half of it.
 */
import { randomBytes } from "node:crypto";

import { createElGamalScheme, elGamalHolder } from "../../protocol/additive/elgamal-scheme.ts";
import { createPaillierScheme, paillierHolder } from "../../protocol/additive/paillier-scheme.ts";
import type { AdditiveScheme, GivenShare, ShareHolder } from "../../protocol/additive/scheme.ts";
import { createSumDecoder } from "../../protocol/aggregate/sum-decoder.ts";
import { utf8 } from "../../protocol/encoding/bytes.ts";
import { deal } from "../../protocol/paillier/deal.ts";
import { PRIMES_3072 } from "../../test/protocol/paillier/safe-primes.ts";
import { trustedKey } from "../../test/protocol/threshold/ceremony.ts";
import { interleave, type Contestant } from "../rounds.ts";
import type { Measurement, Section } from "../section.ts";

const ROUNDS = 5;
const [THRESHOLD, HOLDERS] = [3, 5];
const AMOUNT = 1_234_567n;
const context = utf8("bench");
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

interface Contender {
  readonly key: string;
  readonly scheme: AdditiveScheme;
  readonly holders: readonly ShareHolder[];
}

export const additive: Section = {
  name: "additive",
  title: "Two additive schemes behind one interface: one amount, 3 of 5 holders",
  run(say) {
    const { keys, shares } = trustedKey({ threshold: THRESHOLD, nodes: HOLDERS });
    const { thresholdKey, keyShares } = deal({ ...PRIMES_3072, threshold: THRESHOLD, shares: HOLDERS }, random);
    const contenders: Contender[] = [
      {
        key: "ElGamal",
        scheme: createElGamalScheme(keys, createSumDecoder()),
        holders: shares.map((share) => elGamalHolder(keys, share)),
      },
      {
        key: "Paillier",
        scheme: createPaillierScheme(thresholdKey),
        holders: keyShares.map((share) => paillierHolder(thresholdKey, share)),
      },
    ];
    const sizes = contenders.map(({ scheme, holders: [first] }) => {
      const ciphertext = scheme.encrypt(AMOUNT, random);
      return { ciphertext: ciphertext.length, share: first?.share(ciphertext, context, random).length ?? 0 };
    });
    const rounds = interleave(contenders.flatMap(contestantsOf), ROUNDS, say);
    const measurements = ["encrypt", "add", "rerandomise", "share", "combine"].flatMap((what) =>
      contenders.map(({ key }, at): Measurement => {
        const size = what === "encrypt" ? sizes[at]?.ciphertext : what === "share" ? sizes[at]?.share : undefined;
        return {
          name: `${key}: ${what}`,
          value: rounds.itemMicros(`${key} ${what}`) / 1_000,
          unit: "ms",
          ...(size === undefined ? {} : { note: `${String(size)} bytes` }),
        };
      }),
    );
    return Promise.resolve(measurements);
  },
};

/** `combine` verifies the proofs of three shares and reads the sum. */
function contestantsOf({ key, scheme, holders }: Contender): Contestant[] {
  const [one, two] = [scheme.encrypt(AMOUNT, random), scheme.encrypt(AMOUNT, random)];
  const shares = holders
    .slice(0, THRESHOLD)
    .map(({ index, share }): GivenShare => ({ index, bytes: share(one, context, random) }));
  const contestant = (what: string, run: () => unknown): Contestant => ({
    name: `${key} ${what}`,
    items: 1,
    run: () => void run(),
  });
  return [
    contestant("encrypt", () => scheme.encrypt(AMOUNT, random)),
    contestant("add", () => scheme.add(one, two)),
    contestant("rerandomise", () => scheme.rerandomise(one, random)),
    contestant("share", () => holders[0]?.share(one, context, random)),
    contestant("combine", () => scheme.combine(one, context, shares)),
  ];
}
