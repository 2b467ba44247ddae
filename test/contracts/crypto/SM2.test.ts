import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { getBytes } from "ethers";
import { describe, it } from "mocha";

import { combineAll, onChain, type SM2Harness, sm2Harness, type Sum, verifyAll } from "./harness.ts";
import { type Case, CURVE, DEFAULT_ID, forge, inverse, liftX, mod } from "./sm2-reference.ts";
import { multiply, Point, sign, verify, word, zA } from "./sm2-reference.ts";
import { GB_T_32918_5, PUBLISHED } from "./sm2-vectors.ts";
import { loadFixture } from "../fixtures.ts";

const { p, n } = CURVE;
const ALL_ONES = 2n ** 256n - 1n;

const random = (below = n): bigint => mod(BigInt(`0x${randomBytes(40).toString("hex")}`), below - 1n) + 1n;
const harnessed = (): Promise<SM2Harness> => loadFixture(sm2Harness);

/** The verdicts on the named cases, as an object that shows in a failure which one is wrong. */
async function verdicts(cases: Record<string, Case>): Promise<Record<string, boolean>> {
  const results = await verifyAll(await harnessed(), Object.values(cases));
  return Object.fromEntries(Object.keys(cases).map((name, index) => [name, results[index]!]));
}
const allAre = (verdict: boolean, cases: object): object =>
  Object.fromEntries(Object.keys(cases).map((name) => [name, verdict]));

describe("SM2", () => {
  it("verifies every published signature", async () => {
    expect(await verdicts(PUBLISHED)).to.deep.equal(allAre(true, PUBLISHED));
    for (const each of Object.values(PUBLISHED)) expect(verify(each)).to.equal(true);
  });

  it("refuses every published signature once a bit of anything is changed", async () => {
    const changed: Record<string, Case> = {};
    for (const [name, good] of Object.entries(PUBLISHED)) {
      for (const part of ["e", "r", "s", "x", "y"] as const) {
        const bit = randomBytes(1)[0]!;
        changed[`${name}, bit ${bit} of ${part}`] = { ...good, [part]: good[part] ^ (1n << BigInt(bit)) };
      }
    }
    expect(await verdicts(changed)).to.deep.equal(allAre(false, changed));
  });

  it("computes Z_A and the digest as the standard's example does", async () => {
    const harness = await harnessed();
    const { x, y, e, message, z } = GB_T_32918_5;
    expect(await harness.zA(Buffer.from(DEFAULT_ID), x, y)).to.equal(word(z));
    expect(await harness.digest(getBytes(word(z)), Buffer.from(message))).to.equal(word(e));
  });

  it("computes Z_A for ids of every kind, up to the longest", async () => {
    const harness = await harnessed();
    const { x, y } = GB_T_32918_5;
    for (const id of [Buffer.alloc(0), Buffer.from("证券业协会"), randomBytes(31), randomBytes(8191)]) {
      expect(await harness.zA(id, x, y)).to.equal(`0x${Buffer.from(zA(id, x, y)).toString("hex")}`);
    }
    await expect(harness.zA(randomBytes(8192), x, y))
      .to.be.revertedWithCustomError(harness, "SM2IdTooLong")
      .withArgs(8192);
  });

  it("gives back the memory it took", async () => {
    expect(await (await harnessed()).memoryKept(onChain(GB_T_32918_5))).to.equal(0n);
  });
});

describe("SM2: what only a check of ranges refuses", () => {
  const d = random();
  const point = multiply(Point.BASE, d);

  it("r and s from 1 to n - 1, and no other way to write them", async () => {
    const [s, t] = [random(), random()];
    const small = forge(5n, mod(5n + 7n), point);
    const good = { "r = 7, s = 5": small, "s = n - 1": forge(n - 1n, t, point), "r = n - 1": forge(s, s - 1n, point) };
    expect(await verdicts(good)).to.deep.equal(allAre(true, good));
    const bad = {
      "r = 0": forge(s, s, point),
      "r = n": { ...forge(s, s, point), r: n },
      "s = 0": forge(0n, t, point),
      "s = n": { ...forge(0n, t, point), s: n },
      "r + n": { ...small, r: small.r + n },
      "s + n": { ...small, s: small.s + n },
      "r + n, s + n": { ...small, r: small.r + n, s: small.s + n },
      "all ones": { ...small, r: ALL_ONES, s: ALL_ONES },
    };
    expect(await verdicts(bad)).to.deep.equal(allAre(false, bad));
  });

  it("t = r + s other than 0 mod n", async () => {
    const s = random();
    expect(await verdicts({ "t = 0": forge(s, 0n, point) })).to.deep.equal({ "t = 0": false });
  });

  it("a public key on the curve, in one encoding, not infinity", async () => {
    const good = forge(random(), random(), point);
    // Small abscissas have a second encoding below 2^256. The smallest one, 0, is the edge of the field as well.
    let [x, y] = [1n, liftX(1n)];
    while (y === undefined) y = liftX(++x);
    const low = forge(random(), random(), Point.fromAffine({ x, y }));
    const zero = Point.fromAffine({ x: 0n, y: liftX(0n)! });
    const atZero = forge(random(), random(), zero);
    const firstAtZero = forge(random(), 2n ** 252n, zero);
    const cases = { good, low, atZero, firstAtZero };
    expect(await verdicts(cases)).to.deep.equal(allAre(true, cases));
    const bad = {
      infinity: { ...good, x: 0n, y: 0n },
      "x + p": { ...low, x: low.x + p },
      "0 + p": { ...atZero, x: p },
      "another x": { ...good, x: good.x + 1n },
      "another y": { ...good, y: mod(good.y + 1n, p) },
      "the opposite point": { ...good, y: p - good.y },
      "x and y exchanged": { ...good, x: good.y, y: good.x },
      "all ones": { ...good, x: ALL_ONES, y: ALL_ONES },
    };
    expect(await verdicts(bad)).to.deep.equal(allAre(false, bad));
    const harness = await harnessed();
    expect(await harness.isOnCurve(low.x, low.y)).to.equal(true);
    expect(await harness.isOnCurve(low.x + p, low.y)).to.equal(false);
    expect(await harness.isOnCurve(0n, 0n)).to.equal(false);
  });

  it("a y that has a second encoding: only the one below p", async () => {
    // x^3 + ax + b - y^2 has a root for about one y in three; x comes from a public search over small y.
    const { x, y } = pointWithSmallY();
    const harness = await harnessed();
    expect(await harness.isOnCurve(x, y)).to.equal(true);
    expect(await harness.isOnCurve(x, y + p)).to.equal(false);
    const good = forge(random(), random(), Point.fromAffine({ x, y }));
    expect(await verdicts({ good, "y + p": { ...good, y: y + p } })).to.deep.equal({ good: true, "y + p": false });
  });

  it("any 256-bit digest, as a number modulo n", async () => {
    const low = signed(3n);
    const cases = { low, "e + n": { ...low, e: low.e + n }, "e + p": { ...low, e: low.e + p } };
    expect(await verdicts(cases)).to.deep.equal({ low: true, "e + n": true, "e + p": false });
    const high = signed(ALL_ONES);
    expect(await verdicts({ high, "e - n": { ...high, e: high.e - n } })).to.deep.equal({ high: true, "e - n": true });
  });

  /** A signature over a given digest, made with the key. */
  function signed(e: bigint): Case {
    const signature = sign(e, d, random());
    return signature === undefined ? signed(e) : { e, ...signature, ...point.toAffine() };
  }
});

/** The root of x^3 + ax + b = y^2 for the first small y that has exactly one, by gcd with x^p - x. */
function pointWithSmallY(): { x: bigint; y: bigint } {
  for (let y = 1n; ; y++) {
    const x = rootOfCubic(mod(CURVE.b - y * y, p));
    if (x !== undefined) return { x, y };
  }
}

type Quadratic = [c0: bigint, c1: bigint, c2: bigint];

/** A root of x^3 - 3x + c, if it has exactly one: then gcd(x^p - x, cubic) is linear. */
function rootOfCubic(c: bigint): bigint | undefined {
  const times = (f: Quadratic, g: Quadratic): Quadratic => {
    const product = [0n, 0n, 0n, 0n, 0n];
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) product[i + j]! += f[i]! * g[j]!;
    // x^3 = 3x - c, x^4 = 3x^2 - cx.
    const [c0, c1, c2, c3, c4] = product as [bigint, bigint, bigint, bigint, bigint];
    return [mod(c0 - c * c3, p), mod(c1 + 3n * c3 - c * c4, p), mod(c2 + 3n * c4, p)];
  };
  let result: Quadratic = [1n, 0n, 0n];
  for (let square: Quadratic = [0n, 1n, 0n], k = p; k > 0n; k >>= 1n, square = times(square, square)) {
    if (k & 1n) result = times(result, square);
  }
  const [r0, r1, r2] = [result[0], mod(result[1] - 1n, p), result[2]];
  if (r2 === 0n) return undefined;
  // The cubic modulo the quadratic r2 x^2 + r1 x + r0 leaves the linear gcd.
  const [f1, f0] = [mod(r1 * inverse(r2, p), p), mod(r0 * inverse(r2, p), p)];
  const slope = mod(-3n - f0 + f1 * f1, p);
  const rest = mod(c + f1 * f0, p);
  if (slope === 0n) return undefined;
  const x = mod(-rest * inverse(slope, p), p);
  return mod(x ** 3n - 3n * x + c, p) === 0n ? x : undefined;
}

describe("SM2: abscissas at the ends of the field", () => {
  /** A case whose sum s * G + t * P is a given point: P = (R - s * G) / t. */
  function withSum(sum: Point): Case {
    const [s, t] = [random(), random()];
    const key = multiply(sum.subtract(multiply(Point.BASE, s)), inverse(t));
    return forge(s, t, key);
  }
  const at = (from: bigint, step: bigint): Point => {
    let [x, y] = [from, liftX(from)];
    while (y === undefined) y = liftX((x += step));
    return Point.fromAffine({ x, y });
  };

  it("x1 from n to p - 1, where x1 mod n is another number", async () => {
    const cases = {
      "the lowest x1 from n on": withSum(at(n, 1n)),
      "the highest x1": withSum(at(p - 1n, -1n)),
      "in between": withSum(at(n + random(p - n), 1n)),
    };
    for (const each of Object.values(cases)) expect(verify(each)).to.equal(true);
    expect(await verdicts(cases)).to.deep.equal(allAre(true, cases));
  });

  it("small x1, which could be taken for x1 + n", async () => {
    const cases = {
      "the lowest x1": withSum(at(0n, 1n)),
      "the highest x1 below p - n": withSum(at(p - n - 1n, -1n)),
      "the lowest x1 from p - n on": withSum(at(p - n, 1n)),
      "the highest x1 below n": withSum(at(n - 1n, -1n)),
    };
    for (const each of Object.values(cases)) expect(verify(each)).to.equal(true);
    expect(await verdicts(cases)).to.deep.equal(allAre(true, cases));
    const beside = Object.fromEntries(
      Object.entries(cases).flatMap(([name, good]) => [
        [`${name}, e + 1`, { ...good, e: mod(good.e + 1n) }],
        [`${name}, e + p - n`, { ...good, e: mod(good.e + p - n) }],
        // r - e is then x1 + p - n, which is x1 again if n is added to it where it must not be.
        [`${name}, e - p + n`, { ...good, e: mod(good.e - p + n) }],
      ]),
    );
    expect(await verdicts(beside)).to.deep.equal(allAre(false, beside));
  });
});

describe("SM2Curve: the exceptions of addition", () => {
  it("has the base point's multiples right", async () => {
    const words = await (await harnessed()).baseMultiples();
    expect(words.at(0)).to.equal(0n);
    expect(words.at(33)).to.equal(0n);
    for (let i = 1; i < 16; i++) {
      const { x, y } = multiply(Point.BASE, BigInt(i)).toAffine();
      expect([words[1 + i], words[17 + i]], String(i)).to.deep.equal([p - x, y]);
    }
    expect([words[1], words[17]]).to.deep.equal([0n, 0n]);
  });

  /** Compares s * G + t * (k * G) with the reference. */
  async function agree(sums: readonly { s: bigint; t: bigint; k: bigint }[]): Promise<{ infinities: number }> {
    const points = sums.map(({ k }) => multiply(Point.BASE, k));
    const asked: Sum[] = sums.map(({ s, t }, index) => ({ s, t, ...points[index]!.toAffine() }));
    const results = await combineAll(await harnessed(), asked);
    const abscissas = new Map<bigint, bigint>();
    let infinities = 0;
    for (const [index, [X, Z]] of results.entries()) {
      const { s, t, k } = sums[index]!;
      const scalar = mod(s + t * k);
      const name = `s = ${word(s)}, t = ${word(t)}, k = ${word(k)}`;
      if (scalar === 0n) infinities++;
      if (scalar === 0n) expect(Z, name).to.equal(0n);
      else {
        expect(Z, name).not.to.equal(0n);
        const x = abscissas.get(scalar) ?? multiply(Point.BASE, scalar).toAffine().x;
        abscissas.set(scalar, x);
        expect(X, name).to.equal(mod(x * Z * Z, p));
      }
    }
    return { infinities };
  }

  it("key = G, -G, 2G, -2G, 15G, G / 2, G / 16 with small and extreme scalars", async () => {
    const keys = [1n, n - 1n, 2n, n - 2n, 15n, n - 15n, 16n, inverse(2n), inverse(16n), mod(-inverse(16n))];
    const scalars = [0n, 1n, 15n, 16n, 17n, n - 1n, n - 16n, (n + 1n) / 2n, 2n ** 252n];
    const sums = keys.flatMap((k) => scalars.flatMap((s) => scalars.map((t) => ({ s, t, k }))));
    const { infinities } = await agree(sums);
    // Among them are s = t = 0 and s = t for the key -G.
    expect(infinities).to.be.greaterThan(scalars.length);
  });

  it("takes scalars of the order and above", async () => {
    const scalars = [n, n + 1n, 2n ** 256n - 1n];
    await agree(scalars.flatMap((s) => scalars.flatMap((t) => [1n, n - 1n, 7n].map((k) => ({ s, t, k })))));
  });

  /**
   * Scalars and a key for which the sum so far equals the point to be added next, or its opposite, at the digit of weight
   * 16^j and nowhere by chance. Before that digit the sum is a * G + b * P.
   */
  function meeting(kind: "key" | "base", sign: 1n | -1n): { s: bigint; t: bigint; k: bigint } {
    const j = BigInt(randomBytes(1)[0]! % 64);
    const room = 16n ** (63n - j);
    const [a, b] = room === 1n ? [0n, 0n] : [random(room), random(room)];
    const [c, d] = [random(16n), random(16n)];
    // Key: 16 (a + bk) = +-dk. Base: 16 (a + bk) + dk = +-c.
    const k =
      kind === "key"
        ? mod(16n * a * inverse(mod(sign * d - 16n * b)))
        : mod((sign * c - 16n * a) * inverse(mod(16n * b + d)));
    if (k === 0n) return meeting(kind, sign);
    const below = (digits: bigint): bigint => (j === 0n ? 0n : random(16n ** digits) - 1n);
    return { s: (16n * a + c) * 16n ** j + below(j), t: (16n * b + d) * 16n ** j + below(j), k };
  }

  for (const kind of ["key", "base"] as const) {
    for (const sign of [1n, -1n] as const) {
      const what = sign === 1n ? "the same point (P + P)" : "its opposite (P + (-P), then infinity + P)";
      it(`meets ${what} when it adds the ${kind}'s multiple, at every position`, async () => {
        const sums = Array.from({ length: 150 }, () => meeting(kind, sign));
        await agree(sums);
        // The same scalars in a verification.
        const cases = sums
          .map(({ s, t, k }) => ({ s: mod(s), t: mod(t), k }))
          .filter(({ s, t, k }) => s !== 0n && t !== 0n && t !== s && mod(s + t * k) !== 0n)
          .slice(0, 50)
          .map(({ s, t, k }) => forge(s, t, multiply(Point.BASE, k)));
        expect(cases.filter(verify)).to.have.length(cases.length);
        expect(await verifyAll(await harnessed(), cases)).to.deep.equal(cases.map(() => true));
      });
    }
  }

  it("refuses a sum at infinity for whatever digest", async () => {
    const cases = Array.from({ length: 20 }, () => {
      const [s, t] = [random(), random()];
      const k = mod(-s * inverse(t));
      const key = multiply(Point.BASE, k).toAffine();
      const r = mod(t - s);
      // An abscissa of zero is the tempting reading of infinity: r = e.
      return { e: r, r, s, ...key };
    });
    expect(await verifyAll(await harnessed(), cases)).to.deep.equal(cases.map(() => false));
  });
});
