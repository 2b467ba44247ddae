import { expect } from "chai";
import { describe, it } from "mocha";

import { ZERO } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { judge } from "../../../protocol/threshold/judge.ts";
import { assembleKey, assembleShare, expose, extract } from "../../../protocol/threshold/key-extraction.ts";
import { dealKey, keyGeneration } from "../../../protocol/threshold/key-generation.ts";
import { sharePairAt } from "../../../protocol/threshold/pedersen.ts";
import { expectFault, faultOf, random } from "../oprf/fixtures.ts";
import { changed, expectKey, generateKey, type Cheats } from "./ceremony.ts";

const THREE_OF_FIVE = { threshold: 3, nodes: 5 };

describe("extraction of the key", () => {
  const cases: { name: string; cheats: Cheats; expected: unknown }[] = [
    {
      name: "that is missing",
      cheats: { extraction: (dealer, honest) => (dealer === 2 ? undefined : honest) },
      expected: [{ dealer: 2, reason: "EXTRACTION_MISSING" }],
    },
    {
      name: "that is malformed",
      cheats: { extraction: (dealer, honest) => (dealer === 2 ? honest.slice(1) : honest) },
      expected: [{ dealer: 2, reason: "EXTRACTION_MISSING" }],
    },
    {
      name: "of another polynomial",
      cheats: {
        extraction: (dealer, honest) => {
          const other = ristretto255.multiplyBase(ristretto255.randomScalar(random));
          return dealer === 4 ? Uint8Array.from([...honest.slice(0, -32), ...other]) : honest;
        },
      },
      expected: [{ dealer: 4, reason: "EXTRACTION_WRONG" }],
    },
  ];
  for (const { name, cheats, expected } of cases) {
    it(`${name}: the dealer is named and its part reconstructed, so that the key is what was dealt`, () => {
      const generated = generateKey(THREE_OF_FIVE, cheats);
      expect(generated.exposed).to.deep.equal(expected);
      expect([...generated.verdict.qualified.keys()]).to.deep.equal([1, 2, 3, 4, 5]);
      expectKey(generated, 5);
    });
  }

  it("is reconstructed whatever junk fewer than t others post", () => {
    const generated = generateKey(THREE_OF_FIVE, {
      extraction: (dealer, honest) => (dealer === 2 ? undefined : honest),
      exposures: (receiver, honest) => (receiver <= 2 ? honest.map((bytes) => changed(bytes, 40)) : honest),
    });
    expectKey(generated, 5);
  });

  it("cannot be exposed by a share that was never dealt", () => {
    const ceremony = random(32);
    const sharing = keyGeneration(ceremony, THREE_OF_FIVE);
    const falsePair = () => ({
      value: ristretto255.randomScalar(random),
      blinding: ristretto255.randomScalar(random),
    });
    const extractionComplaints = (receiver: number) =>
      receiver === 1 ? [2, 3].map((dealer) => expose(sharing, dealer, falsePair())) : [];
    const generated = generateKey(THREE_OF_FIVE, { extractionComplaints }, ceremony);
    expect(generated.exposed).to.deep.equal([]);
  });

  const wrongExtraction = (dealer: number, honest: Uint8Array) => {
    const other = ristretto255.multiplyBase(ristretto255.randomScalar(random));
    return dealer === 4 ? Uint8Array.from([...honest.slice(0, -32), ...other]) : honest;
  };

  it("is reconstructed from the exposures that were complaints", () => {
    const generated = generateKey(THREE_OF_FIVE, { extraction: wrongExtraction, exposures: () => [] });
    expect(generated.exposed).to.deep.equal([{ dealer: 4, reason: "EXTRACTION_WRONG" }]);
    expectKey(generated, 5);
  });

  it("is reconstructed with a share that was revealed before", () => {
    const generated = generateKey(THREE_OF_FIVE, {
      share: (dealer, receiver, honest) => (dealer === 2 && receiver === 5 ? undefined : honest),
      extraction: (dealer, honest) => (dealer === 2 ? undefined : honest),
      exposures: (receiver, honest) => (receiver <= 2 ? honest : []),
    });
    expectKey(generated, 5);
  });

  it("is contradicted by a share that was revealed before, whether or not anybody complains", () => {
    const generated = generateKey(THREE_OF_FIVE, {
      share: (dealer, receiver, honest) => (dealer === 4 && receiver === 5 ? undefined : honest),
      extraction: wrongExtraction,
      extractionComplaints: () => [],
    });
    expect(generated.exposed).to.deep.equal([{ dealer: 4, reason: "EXTRACTION_WRONG" }]);
    expectKey(generated, 5);
  });

  it("is not reconstructed from shares of outsiders, even right ones", () => {
    const sharing = keyGeneration(random(32), THREE_OF_FIVE);
    const dealt = [1, 2, 3, 4, 5].map((index) => ({ index, ...dealKey(sharing, random) }));
    const dealings = dealt.map(({ index, dealing }) => ({ from: index, bytes: dealing }));
    const verdict = judge(sharing, { dealings, complaints: [], justifications: [] });
    const extractions = dealt.slice(1).map(({ index, dealer }) => ({ from: index, bytes: extract(sharing, dealer) }));
    const { secret, blinding } = dealt[0]!.dealer;
    const exposures = [1, 2, 6, 7].map((from) => ({
      from,
      bytes: expose(sharing, 1, sharePairAt(secret, blinding, from)),
    }));
    const fault = faultOf(() => assembleKey(sharing, verdict, { extractions, complaints: [], exposures }));
    expect(fault.values).to.deep.equal({ dealer: 1, good: 2, threshold: 3 });
  });

  it("gives a node no share but its own", () => {
    const generated = generateKey(THREE_OF_FIVE);
    const other = generateKey(THREE_OF_FIVE);
    const dealt = new Map([[1, { value: generated.shares.get(2)!.secret, blinding: ZERO }]]);
    expect(assembleShare(generated.keys, 2, dealt).index).to.equal(2);
    expectFault(() => assembleShare(generated.keys, 3, dealt), "KEY_SHARE_WRONG");
    expectFault(() => assembleShare(other.keys, 2, dealt), "KEY_SHARE_WRONG");
  });

  it("waits while fewer than t exposures are there, and says how many", () => {
    const fault = faultOf(() =>
      generateKey(THREE_OF_FIVE, {
        extraction: (dealer, honest) => (dealer === 2 ? undefined : honest),
        exposures: (receiver, honest) => (receiver <= 2 ? honest : []),
      }),
    );
    expect(fault.code).to.equal("EXPOSURES_TOO_FEW");
    expect(fault.values).to.deep.equal({ dealer: 2, good: 2, threshold: 3 });
  });
});
