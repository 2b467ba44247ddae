import { expect } from "chai";
import { describe, it } from "mocha";

import { openKey, publicKeyFromJson, publicKeyToJson } from "../../../protocol/paillier/public-key.ts";
import { expectFault, hex, medium, small } from "./fixtures.ts";

const { n, g } = small.key;

describe("Paillier public key", () => {
  it("goes to JSON and back", () => {
    const json = JSON.stringify(publicKeyToJson(small.key));
    expect(publicKeyFromJson(JSON.parse(json) as { n: string; g: string })).to.deep.equal({ n, g });
  });

  it("is refused unless g = n + 1, n odd and long enough", () => {
    for (const bad of [
      { n, g: n },
      { n, g: n + 2n },
      { n: n + 1n, g: n + 2n },
      { n: 0n, g: 1n },
      { n: -n, g: 1n - n },
      { n: (1n << 5000n) + 1n, g: (1n << 5000n) + 2n },
    ]) {
      expectFault(() => openKey(bad, 512), "PAILLIER_KEY_INVALID");
    }
  });

  it("of less than 3,072 bits is refused where nothing else was asked", () => {
    expectFault(() => openKey({ n, g }), "PAILLIER_KEY_INVALID");
    expectFault(() => openKey({ n, g }, 513), "PAILLIER_KEY_INVALID");
    expect(openKey({ n, g }, 512).bits).to.equal(512);
  });

  it("has one text only", () => {
    for (const text of ["", "0x10", "010", "+5", "-5", " 5", "5 ", "1e3", "5n", "٣", "9".repeat(6000)]) {
      expectFault(() => publicKeyFromJson({ n: text, g: "1" }), "PAILLIER_KEY_INVALID");
    }
  });

  it("has a digest of its own", () => {
    expect(small.key.digest).to.have.length(32);
    expect(hex(openKey({ n, g }, 512).digest)).to.equal(hex(small.key.digest));
    expect(hex(medium.key.digest)).not.to.equal(hex(small.key.digest));
  });
});
