import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import type { Scalar } from "../../../protocol/group/group.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { requireShare } from "../../../protocol/threshold/key-set.ts";
import { dealShare, reshareKey, reshareShare, resharing } from "../../../protocol/threshold/resharing.ts";
import { judge, qualifiedShares } from "../../../protocol/threshold/judge.ts";
import { expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { generateKey, reshare, runs, secretOf, trustedKey } from "./ceremony.ts";

const THREE_OF_FIVE = { threshold: 3, nodes: 5 };
const old = trustedKey(THREE_OF_FIVE);
const secret = secretOf(old.shares.slice(0, 3));

describe("resharing of a key", () => {
  for (const [threshold, nodes] of [
    [3, 5],
    [2, 3],
    [4, 7],
    [1, 1],
  ] as const) {
    it(`to ${String(threshold)} of ${String(nodes)} keeps the key and makes new shares`, () => {
      const { keys, shares } = reshare(old, { threshold, nodes });
      expect(hex(keys.publicKey)).to.equal(hex(old.keys.publicKey));
      expect(hex(secretOf(shares.slice(-threshold)))).to.equal(hex(secret));
      for (const share of shares) requireShare(keys, share);
      if (threshold > 1)
        for (const share of shares)
          expect(old.shares.map((each) => hex(each.secret))).not.to.include(hex(share.secret));
    });
  }

  it("of a generated key, twice over, keeps it", () => {
    const generated = generateKey({ threshold: 2, nodes: 3 });
    const first = reshare({ keys: generated.keys, shares: [...generated.shares.values()] }, THREE_OF_FIVE);
    const second = reshare(first, { threshold: 2, nodes: 4 });
    expect(hex(second.keys.publicKey)).to.equal(hex(generated.keys.publicKey));
    expect(hex(ristretto255.multiplyBase(secretOf(second.shares.slice(1, 3)) as Scalar))).to.equal(
      hex(generated.keys.publicKey),
    );
  });

  it("takes any t of the old nodes, and no fewer", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 5 }), (dealers) => {
        const { keys, shares, verdict } = reshare(old, { threshold: 2, nodes: 3 }, dealers);
        expect([...verdict.qualified.keys()]).to.deep.equal([...dealers].sort());
        expect(hex(keys.publicKey)).to.equal(hex(old.keys.publicKey));
        expect(hex(secretOf(shares.slice(0, 2)))).to.equal(hex(secret));
      }),
      { numRuns: runs(8) },
    );
    expect(faultOf(() => reshare(old, THREE_OF_FIVE, [1, 4])).values).to.deep.equal({ qualified: 2, threshold: 3 });
  });

  it("names a dealer that deals another secret than its share", () => {
    const other = trustedKey(THREE_OF_FIVE);
    const { verdict, keys } = reshare(old, THREE_OF_FIVE, [1, 2, 3, 4, 5], {
      dealing: (dealer, honest) => {
        if (dealer !== 2) return honest;
        const sharing = resharing(honest.slice(1, 33), other.keys, THREE_OF_FIVE);
        return dealShare(sharing, other.keys, other.shares[1]!, random).dealing;
      },
    });
    expect(verdict.excluded).to.deep.equal([{ dealer: 2, reason: "DEALING_SECRET_DIFFERS" }]);
    expect(hex(keys.publicKey)).to.equal(hex(old.keys.publicKey));
  });

  it("names a dealer whose share is wrong and not justified, and uses what an honest one reveals", () => {
    const wrong = (dealer: number, receiver: number, honest: Uint8Array) => {
      const copy = honest.slice();
      if ((dealer === 2 || dealer === 3) && receiver === 1) copy[0]! ^= 1;
      return copy;
    };
    const { verdict, keys, shares } = reshare(old, THREE_OF_FIVE, [1, 2, 3, 4, 5], {
      share: wrong,
      justification: (dealer, _receiver, honest) => (dealer === 2 ? undefined : honest),
    });
    expect(verdict.excluded).to.deep.equal([{ dealer: 2, receiver: 1, reason: "DEALING_COMPLAINT_UNANSWERED" }]);
    expect(verdict.revealed.map(({ dealer, receiver }) => [dealer, receiver])).to.deep.equal([[3, 1]]);
    for (const share of shares) requireShare(keys, share);
    expect(hex(secretOf(shares.slice(2)))).to.equal(hex(secret));
  });

  it("makes old shares useless beside new ones", () => {
    const { shares, keys } = reshare(old, THREE_OF_FIVE);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 2 }),
        (nodes, fresh) => {
          const mixed = nodes.map((node, position) => (position < fresh ? shares : old.shares)[node - 1]!);
          expect(bytesEqual(secretOf(mixed), secret)).to.equal(false);
        },
      ),
    );
    for (const share of old.shares) expectFault(() => requireShare(keys, share), "KEY_SHARE_WRONG");
  });

  it("gives a receiver no share but its own", () => {
    const { keys, sharing, verdict, received } = reshare(old, THREE_OF_FIVE);
    const shares = qualifiedShares(sharing, verdict, 2, received.get(2)!);
    expectFault(() => reshareShare(keys, 3, shares), "KEY_SHARE_WRONG");
    expectFault(() => reshareShare(old.keys, 2, shares), "KEY_SHARE_WRONG");
    expectFault(() => qualifiedShares(sharing, verdict, 3, received.get(2)!), "DEALING_SHARE_WRONG");
    expectFault(() => qualifiedShares(sharing, verdict, 2, new Map()), "DEALING_SHARE_WRONG");
  });

  it("is not dealt with a share that is not the key's", () => {
    const other = trustedKey(THREE_OF_FIVE);
    const sharing = resharing(random(32), old.keys, THREE_OF_FIVE);
    expectFault(() => dealShare(sharing, old.keys, other.shares[0]!, random), "KEY_SHARE_WRONG");
    expectFault(() => resharing(random(32), old.keys, { threshold: 3, nodes: 4 }), "THRESHOLD_PARAMETERS_INVALID");
  });

  it("refuses an old set whose public key is not that of its shares", () => {
    const forged = { ...old.keys, publicKey: trustedKey(THREE_OF_FIVE).keys.publicKey };
    const sharing = resharing(random(32), forged, THREE_OF_FIVE);
    const dealings = old.shares.map((share) => ({
      from: share.index,
      bytes: dealShare(sharing, forged, share, random).dealing,
    }));
    const verdict = judge(sharing, { dealings, complaints: [], justifications: [] });
    expectFault(() => reshareKey(sharing, forged, verdict), "KEY_SET_INCONSISTENT");
  });
});
