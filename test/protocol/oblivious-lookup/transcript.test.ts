import { expect } from "chai";
import { keccak256, concat, toBeHex, toUtf8Bytes } from "ethers";
import { describe, it } from "mocha";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { initialTranscript, nextTranscript } from "../../../protocol/oblivious-lookup/transcript.ts";
import { dataset, session } from "./lookup-fixture.ts";

describe("transcript", () => {
  it("is keccak-256 over length-prefixed fields", () => {
    const domain = concat([toBeHex(19, 4), toUtf8Bytes("riskveil/transcript")]);
    const field = (bytes: Uint8Array): string => concat([toBeHex(bytes.length, 4), bytes]);
    const start = keccak256(concat([domain, field(session), field(dataset), toBeHex(4, 4), toBeHex(9, 4)]));
    const first = initialTranscript(session, dataset, 9);
    expect(toHex(first)).to.equal(start);
    const next = keccak256(concat([domain, field(first), field(session)]));
    expect(toHex(nextTranscript(first, session))).to.equal(next);
  });

  it("starts differently in each session, dataset and lane", () => {
    const starts = [
      initialTranscript(session, dataset, 0),
      initialTranscript(session, dataset, 1),
      initialTranscript(dataset, session, 0),
      initialTranscript(session, session, 0),
    ];
    expect(new Set(starts.map(toHex))).to.have.length(starts.length);
  });
});
