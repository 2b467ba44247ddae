/** Completeness of the tests beside this file: nothing an interface declares goes untested. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { ErrorFragment, EventFragment, FunctionFragment, type Interface } from "ethers";
import { before, describe, it } from "mocha";

import { DatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/DatasetRegistry__factory.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { AuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/AuditAnchors__factory.ts";
import { IAuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/IAuditAnchors__factory.ts";
import { IEmergency__factory } from "../../types/ethers-contracts/factories/governance/IEmergency__factory.ts";
import { IPlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/IPlatformParameters__factory.ts";
import { PlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/PlatformParameters__factory.ts";
import { IIncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IIncentiveRules__factory.ts";
import { IncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import { IPoints__factory } from "../../types/ethers-contracts/factories/incentive/IPoints__factory.ts";
import { Points__factory } from "../../types/ethers-contracts/factories/incentive/Points__factory.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { MemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import { QueryLedger__factory } from "../../types/ethers-contracts/factories/query/QueryLedger__factory.ts";

const INTERFACES: Record<string, Interface> = {
  IEmergency: IEmergency__factory.createInterface(),
  IPlatformParameters: IPlatformParameters__factory.createInterface(),
  IMemberRegistry: IMemberRegistry__factory.createInterface(),
  IDatasetRegistry: IDatasetRegistry__factory.createInterface(),
  IPoints: IPoints__factory.createInterface(),
  IIncentiveRules: IIncentiveRules__factory.createInterface(),
  IQueryLedger: IQueryLedger__factory.createInterface(),
  IAuditAnchors: IAuditAnchors__factory.createInterface(),
};

const STOPPABLE: Record<string, Interface> = {
  PlatformParameters: PlatformParameters__factory.createInterface(),
  MemberRegistry: MemberRegistry__factory.createInterface(),
  DatasetRegistry: DatasetRegistry__factory.createInterface(),
  Points: Points__factory.createInterface(),
  IncentiveRules: IncentiveRules__factory.createInterface(),
  QueryLedger: QueryLedger__factory.createInterface(),
  AuditAnchors: AuditAnchors__factory.createInterface(),
};

/** Called by the authority alone: governance goes on during a freeze. */
const NOT_STOPPED = new Set(["setAuthority"]);

describe("interfaces", () => {
  let sources = "";

  before(async () => {
    const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith(".test.ts"));
    const texts = await Promise.all(files.map((name) => readFile(join(import.meta.dirname, name), "utf8")));
    sources = texts.join("\n");
  });

  for (const [name, abi] of Object.entries(INTERFACES)) {
    it(`${name}: a test provokes every error`, () => {
      const untested = abi.fragments
        .filter((fragment) => ErrorFragment.isFragment(fragment))
        .map((fragment) => fragment.name)
        .filter((error) => !new RegExp(`revertedWithCustomError\\(\\s*\\w+(\\.\\w+)?,\\s*"${error}"`).test(sources));
      expect(untested).to.deep.equal([]);
    });

    it(`${name}: a test sees every event`, () => {
      const unseen = abi.fragments
        .filter((fragment) => EventFragment.isFragment(fragment))
        .map((fragment) => fragment.name)
        .filter((event) => !["Transfer", "Approval"].includes(event))
        .filter((event) => !new RegExp(`emit\\(\\s*\\w+(\\.\\w+)?,\\s*"${event}"`).test(sources));
      expect(unseen).to.deep.equal([]);
    });
  }

  for (const [name, abi] of Object.entries(STOPPABLE)) {
    it(`${name}: a test freezes every function that writes`, async () => {
      const emergency = await readFile(join(import.meta.dirname, "Emergency.test.ts"), "utf8");
      const untested = abi.fragments
        .filter((fragment) => FunctionFragment.isFragment(fragment))
        .filter(({ stateMutability }) => stateMutability === "nonpayable" || stateMutability === "payable")
        .map((fragment) => fragment.name)
        .filter((write) => !NOT_STOPPED.has(write) && !new RegExp(`name: "${write}"`).test(emergency));
      expect(untested).to.deep.equal([]);
    });
  }
});
