import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { peerAddress } from "../../../../relayer/services/peer/peer-address.ts";

describe("peer address", () => {
  it("is the endpoint's, with a path of its own or without", () => {
    expect(peerAddress("http://127.0.0.1:8610", "/peer/v1/evaluate")).to.equal(
      "http://127.0.0.1:8610/peer/v1/evaluate",
    );
    expect(peerAddress("https://firm.example/riskveil", "/peer/v1/evaluate")).to.equal(
      "https://firm.example/riskveil/peer/v1/evaluate",
    );
  });

  it("is refused where the endpoint would take the path for something else", () => {
    const bent = [
      "http://127.0.0.1:9000/admin?x=",
      "http://127.0.0.1:9000/admin#",
      "http://user:secret@127.0.0.1:9000",
      "http://user@127.0.0.1:9000",
      "http://",
      "http://[",
    ];
    for (const endpoint of bent) {
      let thrown: unknown;
      try {
        peerAddress(endpoint, "/peer/v1/evaluate");
      } catch (error) {
        thrown = error;
      }
      expect(isFault(thrown, "ENDPOINT_UNUSABLE"), endpoint).to.equal(true);
    }
  });
});
