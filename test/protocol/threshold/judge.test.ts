import { expect } from "chai";
import { describe, it } from "mocha";

import { complain, judge, justify } from "../../../protocol/threshold/judge.ts";
import { dealKey, keyGeneration } from "../../../protocol/threshold/key-generation.ts";
import { encodeComplaint } from "../../../protocol/threshold/message.ts";
import { random } from "../oprf/fixtures.ts";

const THREE_OF_FIVE = { threshold: 3, nodes: 5 };

describe("judging of dealings", () => {
  it("does not hear who is no receiver", () => {
    const sharing = keyGeneration(random(32), THREE_OF_FIVE);
    const dealings = [1, 2, 3, 4, 5].map((from) => ({ from, bytes: dealKey(sharing, random).dealing }));
    const complaints = [0, 6, 7, 255].map((from) => ({ from, bytes: encodeComplaint(sharing.ceremony, 1) }));
    const verdict = judge(sharing, { dealings, complaints, justifications: [] });
    expect(verdict.excluded).to.deep.equal([]);
  });

  it("goes by a dealer's first dealing: a second does not mend it", () => {
    const sharing = keyGeneration(random(32), THREE_OF_FIVE);
    const dealings = [1, 2, 3, 4, 5].map((from) => ({ from, bytes: dealKey(sharing, random).dealing }));
    const twice = [{ from: 3, bytes: new Uint8Array(9) }, ...dealings, { from: 6, bytes: dealings[0]!.bytes }];
    const verdict = judge(sharing, { dealings: twice, complaints: [], justifications: [] });
    expect(verdict.excluded).to.deep.equal([{ dealer: 3, reason: "DEALING_MALFORMED" }]);
    expect([...verdict.qualified.keys()]).to.deep.equal([1, 2, 4, 5]);
  });

  it("goes by the first answer to a complaint, counts an accuser once, and takes no other's answer", () => {
    const sharing = keyGeneration(random(32), THREE_OF_FIVE);
    const dealt = [1, 2, 3, 4, 5].map((from) => ({ from, ...dealKey(sharing, random) }));
    const dealings = dealt.map(({ from, dealing }) => ({ from, bytes: dealing }));
    const complaint = { from: 2, bytes: encodeComplaint(sharing.ceremony, 1) };
    const complaints = [complaint, complaint, complaint];
    const right = justify(sharing, 2, dealt[0]!.shares[1]!);
    const wrong = justify(sharing, 2, dealt[0]!.shares[2]!);
    const outcome = (...answers: [number, Uint8Array][]) => {
      const justifications = answers.map(([from, bytes]) => ({ from, bytes }));
      return judge(sharing, { dealings, complaints, justifications }).excluded.map(({ reason }) => reason);
    };
    expect(outcome([1, right])).to.deep.equal([]);
    expect(outcome([1, right], [1, wrong])).to.deep.equal([]);
    expect(outcome([1, wrong], [1, right])).to.deep.equal(["DEALING_JUSTIFICATION_WRONG"]);
    expect(outcome([3, right])).to.deep.equal(["DEALING_COMPLAINT_UNANSWERED"]);
    expect(outcome([1, random(98)])).to.deep.equal(["DEALING_COMPLAINT_UNANSWERED"]);
  });

  it("does not ask a receiver to complain of a dealing that falls by itself", () => {
    const sharing = keyGeneration(random(32), THREE_OF_FIVE);
    const dealings = [1, 2].map((from) => ({ from, bytes: from === 1 ? random(5) : dealKey(sharing, random).dealing }));
    expect(complain(sharing, dealings, 4, new Map())).to.deep.equal([encodeComplaint(sharing.ceremony, 2)]);
  });
});
