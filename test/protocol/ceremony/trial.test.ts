import { expect } from "chai";
import { describe, it } from "mocha";

import { trialOf } from "../../../protocol/ceremony/trial.ts";
import { parseCiphertext } from "../../../protocol/paillier/ciphertext.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import { held, testKey } from "./fixtures.ts";

const { thresholdKey, key, secret } = testKey;
const { record } = held();

describe("trial of a ceremony", () => {
  it("is an encryption of the number that must come out, and everybody's the same", () => {
    const { task, plaintext } = trialOf(record, thresholdKey);
    expect(decrypt(key, secret, parseCiphertext(key, task.ciphertext))).to.equal(plaintext);
    expect(trialOf(record, thresholdKey)).to.deep.equal({ task, plaintext });
  });

  it("is another one for another record of the same key", () => {
    expect(trialOf(held().record, thresholdKey).plaintext).not.to.equal(trialOf(record, thresholdKey).plaintext);
  });
});
