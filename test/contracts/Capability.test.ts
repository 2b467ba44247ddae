/** Who may do what, by kind and status: the whole table. */
import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { describe, it } from "mocha";

import { admit, B, Capability, connection, DAY, digest, Kind, type Signer, Status, terms } from "./platform.ts";
import { deployedPlatform, publishedDatasets } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;

const FIRM = ["Query", "Publish", "Compute", "Vote"];
const TABLE: Readonly<Record<Exclude<keyof typeof Kind, "None">, readonly string[]>> = {
  Association: ["Publish", "Compute"],
  SecuritiesFirm: FIRM,
  Bank: FIRM,
  Insurer: FIRM,
  FuturesFirm: FIRM,
  FundManager: FIRM,
  Regulator: [],
  NodeOperator: ["Compute"],
};

/** One member of each kind, applied but not admitted, in the order of the kinds. */
async function oneOfEachKind() {
  const platform = await loadFixture(deployedPlatform);
  const { members, accounts } = platform;
  const parties = [];
  for (const [index, name] of Object.keys(TABLE).entries()) {
    const operator = accounts[index] as Signer;
    await members.connect(operator).apply_(Kind[name as keyof typeof Kind], name.toLowerCase(), "https://a.example");
    parties.push({ kind: name as keyof typeof TABLE, operator, id: BigInt(index + 1) });
  }
  return { ...platform, parties };
}

describe("capabilities", () => {
  it("are those of the kind while active, and none before, suspended or after", async () => {
    const platform = await loadFixture(oneOfEachKind);
    const { members, parties } = platform;
    const entitled = async (id: bigint) => {
      const names = [];
      for (const [name, capability] of Object.entries(Capability)) {
        if (await members.isEntitled(id, capability)) names.push(name);
      }
      return names;
    };
    for (const { kind, operator, id } of parties) {
      expect(await entitled(id), kind).to.deep.equal([]);
      await admit(platform, operator);
      expect(await entitled(id), kind).to.deep.equal(TABLE[kind]);
      await members.suspend(id, digest("r"));
      expect(await entitled(id), kind).to.deep.equal([]);
      await members.reinstate(id);
      expect(await entitled(id), kind).to.deep.equal(TABLE[kind]);
      await members.exit(id);
      expect(await entitled(id), kind).to.deep.equal([]);
    }
    expect(await members.isEntitled(99, Capability.Publish)).to.equal(false);
  });

  it("are said with a reason where they are missing", async () => {
    const platform = await loadFixture(oneOfEachKind);
    const { members, parties } = platform;
    for (const { kind, operator, id } of parties) {
      await expect(members.entitledMemberOf(operator, Capability.Query))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(id, Status.Applied);
      await admit(platform, operator);
      for (const [name, capability] of Object.entries(Capability)) {
        if (TABLE[kind].includes(name)) {
          expect(await members.entitledMemberOf(operator, capability)).to.equal(id);
        } else {
          await expect(members.entitledMemberOf(operator, capability))
            .to.be.revertedWithCustomError(members, "MemberNotEntitled")
            .withArgs(id, Kind[kind], capability);
        }
      }
    }
  });

  it("keep the Association, regulators and node operators from asking", async () => {
    const platform = await loadFixture(publishedDatasets);
    const { members, ledger, association, spare, another, betaData } = platform;
    const expiresAt = (await time.latest()) + DAY;
    for (const [operator, kind] of [
      [spare, Kind.Regulator],
      [another, Kind.NodeOperator],
    ] as const) {
      await members.connect(operator).apply_(kind, `kind-${kind}`, "https://a.example");
      await admit(platform, operator);
    }
    for (const [operator, id, kind] of [
      [association.operator, association.id, Kind.Association],
      [spare, 6n, Kind.Regulator],
      [another, 7n, Kind.NodeOperator],
    ] as const) {
      await expect(ledger.connect(operator).openSession(1, [betaData], [16], expiresAt))
        .to.be.revertedWithCustomError(members, "MemberNotEntitled")
        .withArgs(id, kind, Capability.Query);
    }
  });

  it("keep regulators and node operators from holding data, even of a category that names their kind", async () => {
    const platform = await loadFixture(oneOfEachKind);
    const { members, datasets, parties } = platform;
    const category = encodeBytes32String("Z");
    await datasets.defineCategory(category, terms(Object.values(Kind).filter((kind) => kind !== Kind.None)));
    for (const { kind, operator, id } of parties) {
      await admit(platform, operator);
      const registering = datasets.connect(operator).registerDataset(B, [category]);
      if (TABLE[kind].includes("Publish")) await registering;
      else {
        await expect(registering)
          .to.be.revertedWithCustomError(members, "MemberNotEntitled")
          .withArgs(id, Kind[kind], Capability.Publish);
      }
    }
  });
});
