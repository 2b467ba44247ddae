import { expect } from "chai";
import { describe, it } from "mocha";

import { allFromPem, fromPem, toPem } from "../../../protocol/sm/pem.ts";

const one = Uint8Array.of(1, 2, 3);
const two = new Uint8Array(100).fill(7);

describe("PEM", () => {
  it("gives the first block with a label, and all of them in their order", () => {
    const text = `said before\n${toPem("A", one)}between\n${toPem("B", two)}${toPem("A", two)}`;
    expect(fromPem("A", text)).to.deep.equal(one);
    expect(allFromPem("A", text)).to.deep.equal([one, two]);
    expect(allFromPem("B", text)).to.deep.equal([two]);
    expect([fromPem("C", text), allFromPem("C", text)]).to.deep.equal([undefined, []]);
  });

  it("takes no block that is not base64, and none that does not end", () => {
    const whole = toPem("A", one);
    expect(allFromPem("A", whole + whole.replace("AQID", "AQI?"))).to.equal(undefined);
    expect(fromPem("A", whole.replace("AQID", "AQJ"))).to.equal(undefined);
    expect(allFromPem("A", whole + toPem("A", two).slice(0, 60))).to.deep.equal([one]);
  });
});
