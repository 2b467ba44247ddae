/**
 * SM2 on chain against two libraries: 250 signatures and as many that came apart here, a thousand
 * (RISKVEIL_AGREEMENT_CASES) in the deep tests.
 */
import { randomBytes, randomInt } from "node:crypto";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { sm2Harness, type SM2Harness, verifyAll } from "./harness.ts";
import { asNumber, type Case, CURVE, digestOf, mod, multiply, Point } from "./sm2-reference.ts";
import { sign, signElsewhere, verify, verifyElsewhere, word } from "./sm2-reference.ts";

const { p, n } = CURVE;
const CASES = Number(process.env["RISKVEIL_AGREEMENT_CASES"] ?? 250);
const KEYS = 24;
/** A test each, so that none takes long. */
const PART = 250;

const random = (): bigint => mod(asNumber(randomBytes(40)), n - 1n) + 1n;

/** What can go wrong with a signature; another one is there to take parts from. */
const MUTATIONS: Record<string, (good: Case, other: Case) => Case> = {
  "a bit of e": (good) => ({ ...good, e: good.e ^ (1n << BigInt(randomInt(256))) }),
  "a bit of r": (good) => ({ ...good, r: good.r ^ (1n << BigInt(randomInt(256))) }),
  "a bit of s": (good) => ({ ...good, s: good.s ^ (1n << BigInt(randomInt(256))) }),
  "a bit of x": (good) => ({ ...good, x: good.x ^ (1n << BigInt(randomInt(256))) }),
  "a bit of y": (good) => ({ ...good, y: good.y ^ (1n << BigInt(randomInt(256))) }),
  "r and s exchanged": (good) => ({ ...good, r: good.s, s: good.r }),
  "n - s": (good) => ({ ...good, s: n - good.s }),
  "n - r": (good) => ({ ...good, r: n - good.r }),
  "n - r, n - s": (good) => ({ ...good, r: n - good.r, s: n - good.s }),
  "r + n": (good) => ({ ...good, r: (good.r >> 33n) + n }),
  "s + n": (good) => ({ ...good, s: (good.s >> 33n) + n }),
  "r = 0": (good) => ({ ...good, r: 0n }),
  "s = 0": (good) => ({ ...good, s: 0n }),
  "r = n": (good) => ({ ...good, r: n }),
  "s = n": (good) => ({ ...good, s: n }),
  "t = 0": (good) => ({ ...good, s: n - good.r }),
  "e + n": (good) => ({ ...good, e: (good.e >> 33n) + n }),
  "-y": (good) => ({ ...good, y: p - good.y }),
  "x and y exchanged": (good) => ({ ...good, x: good.y, y: good.x }),
  "another message": (good, other) => ({ ...good, e: other.e }),
  "another signature": (good, other) => ({ ...good, r: other.r, s: other.s }),
  "another's r": (good, other) => ({ ...good, r: other.r }),
  "another's s": (good, other) => ({ ...good, s: other.s }),
  "another key": (good, other) => ({ ...good, x: other.x, y: other.y }),
  "r one more, e one more": (good) => ({ ...good, r: mod(good.r + 1n), e: mod(good.e + 1n) }),
};

describe("SM2 on chain and in two libraries", () => {
  const cases: Case[] = [];
  let harness: SM2Harness;

  before(async () => {
    harness = await sm2Harness();
    const keys = Array.from({ length: KEYS }, random).map((d) => ({ d, ...multiply(Point.BASE, d).toAffine() }));
    for (let i = 0; i < CASES; i++) {
      const { d, x, y } = keys[i % KEYS]!;
      const message = randomBytes(i % 300);
      const e = digestOf(message, { x, y });
      const signature = i % 2 === 0 ? sign(e, d, random()) : signElsewhere(message, d);
      // One in 2^255 has none.
      if (signature !== undefined) cases.push({ e, ...signature, x, y });
    }
  });

  const describeCase = ({ e, r, s, x, y }: Case): string => [e, r, s, x, y].map(word).join(" ");

  for (let from = 0; from < CASES; from += PART) {
    const part = `${from + 1} to ${from + PART} of ${CASES}`;

    it(`all verify signatures ${part}, half of them made by each library`, async () => {
      const good = cases.slice(from, from + PART);
      const verdicts = await verifyAll(harness, good);
      expect(verdicts).to.have.length(good.length);
      for (const [index, each] of good.entries()) {
        // Each library looks at what the other one made.
        const elsewhere = index % 2 === 0 ? verifyElsewhere(each) : verify(each);
        expect([verdicts[index], elsewhere], describeCase(each)).to.deep.equal([true, true]);
      }
    });

    it(`all refuse what came apart of signatures ${part}`, async () => {
      const mutated = cases.slice(from, from + PART).map((good, index) => mutate(good, from + index));
      const changes = mutated.map(({ changed }) => changed);
      const verdicts = await verifyAll(harness, changes);
      for (const [index, { name, changed }] of mutated.entries()) {
        const all = [verdicts[index], verify(changed), verifyElsewhere(changed)];
        expect(all, `${name}: ${describeCase(changed)}`).to.deep.equal([false, false, false]);
      }
    });
  }

  function mutate(good: Case, index: number): { name: string; changed: Case } {
    // There are 25, so each meets other keys and both libraries' signatures.
    const names = Object.keys(MUTATIONS);
    const name = names[index % names.length]!;
    // The next message of the same signer, or the next signer's.
    const other = cases[(index + (name === "another key" ? 1 : KEYS)) % cases.length]!;
    return { name, changed: MUTATIONS[name]!(good, other) };
  }
});
