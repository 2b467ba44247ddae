/** The ledger and the mirror are doubles; keys, proofs, receipts and entries are real. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { fromHex } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { composeResponse, encodeResponse, type Evaluation } from "../../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 as oprf, type KeyPair, type Proof } from "../../../../protocol/oprf/oprf.ts";
import { createOperatorKey } from "../../../../relayer/chain/operator-key.ts";
import {
  openResponse,
  type OpenedAnswer,
  type SentExchange,
} from "../../../../relayer/services/query/open-response.ts";
import { CHAIN_ID, LEDGER, random } from "../../../support/asking-ledger.ts";
import { prepared, storeQuery } from "../../../support/asking-steps.ts";
import { asked, startAsking, type AskedHolder, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { sampleRecord } from "../../../protocol/sealed-table/sample.ts";

describe("opening a holder's answer", () => {
  const SUBJECTS = [0, 1, 2].map((i) => asked(i).id);
  const operator = createOperatorKey(random(32));
  let database: TestDatabase;
  let asking: Asking;
  let beta: AskedHolder;
  let sent: SentExchange;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database, 1);
    beta = asking.holders[0] ?? expect.fail();
    Object.assign(asking.ledger.members[1] ?? {}, { operators: [operator.address] });
    await asking.openSession();
    const [exchange] = await prepared(asking, await storeQuery(asking, 3));
    if (exchange === undefined) expect.fail();
    const { holder, epoch, signed: request, secrets } = exchange;
    sent = { dataset: beta.dataset, holder, epoch, request, blinds: fromHex(secrets.blinds) };
  });
  afterEach(() => asking.close());

  function evaluation(key: KeyPair = beta.key): Evaluation {
    return { ...oprf.blindEvaluate(key, sent.request.elements, random), salt: random(32) };
  }
  function answered(what = evaluation(), by = operator, ledger = LEDGER): unknown {
    return encodeResponse(composeResponse(sent.request, what, { chainId: CHAIN_ID, ledger }, by.sign));
  }
  const open = (body: unknown): Promise<OpenedAnswer[]> => openResponse(asking.ctx, sent, SUBJECTS, body);
  const codeOf = (body: unknown): Promise<string> =>
    open(body).then(
      () => "opened",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );

  it("says of each subject, in order, what the table says", async () => {
    beta.put(SUBJECTS[1] ?? expect.fail());
    const answers = await open(answered());
    expect(answers.map(({ outcome }) => outcome)).to.deep.equal(["miss", "hit", "miss"]);
    expect(JSON.parse(answers[1]?.opening.records ?? "")).to.deep.equal([sampleRecord]);
    expect(answers[0]?.opening).to.include({ entry: null, records: null });
  });

  it("tells an entry that does not open from one that is not there", async () => {
    beta.putUnreadable(SUBJECTS[0] ?? expect.fail());
    const [first] = await open(answered());
    expect([first?.outcome, first?.opening.records]).to.deep.equal(["unreadable", null]);
    // Kept for the auditor.
    expect(first?.opening.entry).to.be.a("string");
  });

  it("believes no receipt but the holder's own, over this ledger and this request", async () => {
    const stranger = createOperatorKey(random(32));
    expect(await codeOf(answered(evaluation(), stranger))).to.equal("RECEIPT_INVALID");
    expect(await codeOf(answered(evaluation(), asking.ctx.operator))).to.equal("RECEIPT_INVALID");
    expect(await codeOf(answered(evaluation(), operator, `0x${"2f".repeat(20)}`))).to.equal("RECEIPT_INVALID");
    const other = answered() as Record<string, string>;
    expect(await codeOf({ ...(answered() as object), receipt: other["receipt"] })).to.equal("RECEIPT_INVALID");
    const { request } = sent;
    const [later] = await prepared(asking, await storeQuery(asking, 3));
    sent = { ...sent, request: later?.signed ?? expect.fail() };
    const ofAnother = answered();
    sent = { ...sent, request };
    expect(await codeOf(ofAnother)).to.equal("RECEIPT_INVALID");
  });

  it("believes no evaluation but the published key's", async () => {
    expect(await codeOf(answered(evaluation(oprf.generateKeyPair(random))))).to.equal("PROOF_REJECTED");
    const broken = evaluation();
    expect(await codeOf(answered({ ...broken, proof: new Uint8Array(64).fill(255) as Proof }))).to.equal(
      "PROOF_REJECTED",
    );
    const swapped = [...broken.evaluated.slice(1), ...broken.evaluated.slice(0, 1)];
    expect(await codeOf(answered({ ...broken, evaluated: swapped }))).to.equal("PROOF_REJECTED");
  });

  it("refuses an answer of another form or number", async () => {
    for (const body of [undefined, null, [], {}, { ...(answered() as object), more: 1 }]) {
      expect(await codeOf(body)).to.equal("RESPONSE_MALFORMED");
    }
    const one = evaluation();
    expect(await codeOf(answered({ ...one, evaluated: one.evaluated.slice(1) }))).to.equal("RESPONSE_MALFORMED");
  });

  it("opens nothing without the epoch's commitment or the copy of its table", async () => {
    beta.mirrored = false;
    expect(await codeOf(answered())).to.equal("MIRROR_MISSING");
    beta.mirrored = true;
    asking.ledger.commitments.splice(0);
    expect(await codeOf(answered())).to.equal("MIRROR_MISSING");
  });
});
