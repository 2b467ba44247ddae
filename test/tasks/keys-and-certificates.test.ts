import { resolve } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { runDocument, type Step } from "../support/console-document.ts";
import { DAY, startTaskStage, type TaskStage } from "../support/task-stage.ts";

const RUNBOOK = resolve(import.meta.dirname, "../../docs/runbooks/keys-and-certificates.md");

describe("the runbook of lost keys and certificates", () => {
  let stage: TaskStage;
  let steps: readonly Step[];

  before(async function () {
    this.timeout(360_000);
    stage = await startTaskStage(1);
    await stage.admit(
      { name: "alpha", kind: "SecuritiesFirm" },
      { name: "beta", kind: "SecuritiesFirm" },
      { name: "gamma", kind: "Bank" },
    );
    await stage.setMembersDelay(3 * DAY);
    steps = await runDocument(RUNBOOK, stage);
  });

  after(async () => {
    await stage.stop();
  });

  it("is what the document shows, command by command", () => {
    expect(steps.length).above(35);
  });

  it("ends with three of the staff, none of whom was there at the beginning but one", async () => {
    const staff = await stage.json<{ name: string; until: string | null }[]>("staff list");
    expect(staff.filter(({ until }) => until === null).map(({ name }) => name)).deep.equal([
      "staff-1",
      "staff-5",
      "staff-6",
    ]);
  });

  it("lets the last of the staff execute alone only with the council's approval", async () => {
    const told =
      await stage.json<{ number: number; proposedBy: string; endedBy: string; approvedByCouncil: boolean }[]>(
        "governance list",
      );
    const replaced = told.find(({ number }) => number === 5);
    expect([replaced?.proposedBy, replaced?.endedBy, replaced?.approvedByCouncil]).deep.equal([
      "staff-1",
      "staff-1",
      true,
    ]);
    for (const other of told.filter(({ number }) => number !== 5)) expect(other.endedBy).not.equal(other.proposedBy);
  });

  it("has every member certified under the new root alone", async () => {
    const trust = await stage.json<{ authorities: { serial: string }[] }>("certificate trust --list trust-list.pem");
    const { serial } = await stage.json<{ serial: string }>("certificate root --authority authority-2");
    expect(trust.authorities.map((each) => each.serial)).deep.equal([serial]);
    const issued = await stage.json<{ digest: string; subject: string }[]>("certificate list --authority authority-2");
    for (const name of ["alpha", "beta", "gamma"]) {
      const { keys } = await stage.json<{ keys: { state: string; certificateDigest: string }[] }>(
        `member show ${name}`,
      );
      const valid = keys.filter(({ state }) => state === "valid");
      expect(valid).length(1);
      expect(issued.some(({ digest, subject }) => subject === name && digest === valid[0]?.certificateDigest)).equal(
        true,
      );
    }
  });

  it("has the stolen key's certificate on the revocation list, and the member's files on the new key", async () => {
    const issued = await stage.json<{ subject: string; revoked: string | null }[]>(
      "certificate list --authority authority-2",
    );
    expect(issued.filter(({ subject }) => subject === "beta").map(({ revoked }) => revoked)).have.members([
      "keyCompromise",
      null,
    ]);
    const { identity, nextIdentity } = await stage.json<{ identity: string; nextIdentity: string | null }>(
      "keys show keys/beta",
    );
    const { keys } = await stage.json<{ keys: { state: string; x: string }[] }>("member show beta");
    expect(nextIdentity).equal(null);
    expect(identity).match(new RegExp(`^0x04${keys.find(({ state }) => state === "valid")?.x.slice(2) ?? "none"}`));
  });

  it("has only the new operators in office", async () => {
    const { operators } = await stage.json<{ operators: string[] }>("member show gamma");
    const addresses = await Promise.all(
      ["gamma-safe", "gamma-2"].map(
        async (name) => (await stage.json<{ account: string }>(`keys show keys/${name}`)).account,
      ),
    );
    expect(operators).have.members(addresses);
  });

  it("leaves a lost key of the staff with nothing", async () => {
    for (const person of ["staff-2", "staff-3"]) {
      const fault = await stage.fault(`emergency freeze --keys keys/${person}`);
      expect(fault.code).equal("ACCOUNT_NOT_STAFF");
    }
  });
});
