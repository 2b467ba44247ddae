/** The parts of dealer and participants on files, with short keys; and the command line. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { privateKeyToPem, publicKeyToPem } from "../../../protocol/sm/sm2-key-pem.ts";
import { dealKey, readPlan } from "../../../scripts/ceremony/deal.ts";
import { rehearse } from "../../../scripts/ceremony/rehearse.ts";
import { completeCeremony, verifyShare } from "../../../scripts/ceremony/verify.ts";
import { AT, dealer, holders, plan } from "../../protocol/ceremony/fixtures.ts";
import { codeOf } from "./fault-code.ts";

const quiet = (): void => undefined;

describe("ceremony", () => {
  let directory = "";
  const at = (name: string): string => join(directory, name);
  const known = () => ({ dealer: dealer.publicKey, rehearsal: true, record: at("record.json") });
  const verifying = (position: number, share = position + 1) =>
    verifyShare(
      {
        ...known(),
        sealed: at(`share-${String(share)}.sealed.json`),
        participant: holders[position]!,
        directory,
        at: AT,
      },
      quiet,
    );

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-test-ceremony-"));
    await dealKey({ plan, dealer, directory, at: AT, rehearsal: true }, quiet);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("leaves a record and one sealed share for each participant, and nothing else", async () => {
    expect(
      (await readdir(directory)).filter((name) => name.endsWith(".json") && !name.startsWith("ack")).sort(),
    ).to.deep.equal(["record.json", "share-1.sealed.json", "share-2.sealed.json", "share-3.sealed.json"]);
  });

  it("is complete when all have verified, and not before", async () => {
    const acknowledgements = [await verifying(0), await verifying(1)];
    expect(await codeOf(completeCeremony({ ...known(), acknowledgements }, quiet))).to.equal(
      "CEREMONY_ACKNOWLEDGEMENT_MISSING",
    );
    acknowledgements.push(await verifying(2));
    await completeCeremony({ ...known(), acknowledgements }, quiet);
    // Said once: nothing is written over.
    expect(await codeOf(verifying(0))).to.equal("CEREMONY_FILE_EXISTS");
  });

  it("is not acknowledged with another's share, by a stranger, or under another dealer's key", async () => {
    expect(await codeOf(verifying(0, 2))).to.equal("CEREMONY_SEALED_SHARE_INVALID");
    const stranger = { ...known(), sealed: at("share-1.sealed.json"), participant: dealer, directory, at: AT };
    expect(await codeOf(verifyShare(stranger, quiet))).to.equal("CEREMONY_NOT_A_PARTICIPANT");
    const fooled = { ...stranger, participant: holders[0]!, dealer: holders[1]!.publicKey };
    expect(await codeOf(verifyShare(fooled, quiet))).to.equal("CEREMONY_DEALER_UNEXPECTED");
  });

  it("does not begin with a plan that is not in order, nor over another ceremony's files", async () => {
    const twice = { ...plan, participants: plan.participants.with(1, plan.participants[0]!) };
    const options = { dealer, directory, at: AT, rehearsal: true };
    expect(await codeOf(dealKey({ ...options, plan: twice }, quiet))).to.equal("CEREMONY_INSTITUTION_REPEATED");
    expect(await codeOf(dealKey({ ...options, plan }, quiet))).to.equal("CEREMONY_FILE_EXISTS");
    await writeFile(at("plan.json"), JSON.stringify(plan));
    expect(await readPlan(at("plan.json"))).to.deep.equal(plan);
    await rm(at("plan.json"));
  });

  it("is rehearsed from end to end, and nothing is left", async () => {
    const said: string[] = [];
    const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("riskveil-ceremony-"));
    const earlier = await leftovers();
    await rehearse(AT, ({ en }) => void said.push(en));
    expect(said.at(-1)).to.match(/^rehearsed/);
    expect(await leftovers()).to.deep.equal(earlier);
  });

  it("takes no rehearsal's record at the command line, and says why in the reader's language", async () => {
    await writeFile(at("own.pem"), privateKeyToPem(holders[0]!), { mode: 0o600 });
    await writeFile(at("dealer.pem"), publicKeyToPem(dealer.publicKey));
    const given = ["--record", at("record.json"), "--share", at("share-1.sealed.json"), "--key", at("own.pem")];
    const command = ["scripts/ceremony/main.ts", "verify", ...given, "--dealer", at("dealer.pem"), "--out", directory];
    const run = promisify(execFile)(process.execPath, command, { env: { ...process.env, LC_ALL: "zh_CN.UTF-8" } });
    const failure = await run.then(
      () => undefined,
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(failure?.code).to.equal(1);
    expect(failure?.stderr).to.match(/^CEREMONY_RECORD_INVALID: [\u4e00-\u9fff]/);
    expect(await readFile(at("record.json"), "utf8")).to.include('"rehearsal": true');
  });
});
