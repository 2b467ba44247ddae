/** What people decide at a terminal, and what they cannot: one chain, the constitution's real delay, time passing on the chain. */
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { ContractFactory, encodeBytes32String, Wallet, ZeroHash } from "ethers";
import { after, before, describe, it } from "mocha";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { connectContracts } from "../../relayer/chain/contracts.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { randomSource } from "../../scripts/governance/random-source.ts";
import { awaitReceipt } from "../../scripts/network/await-receipt.ts";
import { commands } from "../../scripts/tasks/definitions.ts";
import { INTERFACES } from "../../scripts/tasks/interfaces.ts";
import { DualControlTimelock__factory } from "../../types/ethers-contracts/factories/governance/DualControlTimelock__factory.ts";
import { PlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/PlatformParameters__factory.ts";
import { buildPicture, pictureFacts } from "../protocol/picture-evidence/picture-fixture.ts";
import { DAY, startTaskStage, type TaskStage } from "../support/task-stage.ts";

interface Told {
  readonly number: number;
  readonly id: string;
  readonly state: string;
  readonly does: string;
  readonly endedBy: string | null;
  readonly objections: { member: string }[];
}

const HOUR = 3_600;
const NOBODY = `0x${"12".repeat(20)}`;

describe("decisions at a terminal", () => {
  let stage: TaskStage;

  before(async function () {
    this.timeout(360_000);
    stage = await startTaskStage(1);
    await stage.admit(
      { name: "association", kind: "Association" },
      { name: "alpha", kind: "SecuritiesFirm" },
      { name: "beta", kind: "SecuritiesFirm" },
      { name: "gamma", kind: "Bank" },
    );
    await stage.setMembersDelay(3 * DAY);
    await registerDataset();
    writeFileSync("report.txt", "A report.");
  });

  after(async () => {
    await stage.stop();
  });

  async function walletOf(name: string): Promise<Wallet> {
    const key = await createKeyStore(`keys/${name}`, randomSource).operatorKey();
    return new Wallet(toHex(key), stage.provider);
  }

  async function registerDataset(): Promise<void> {
    const { datasetRegistry } = connectContracts(stage.deployment.addresses, await walletOf("alpha"));
    const [label, categories] = [encodeBytes32String("CREDIT"), [encodeBytes32String("B"), encodeBytes32String("C")]];
    await awaitReceipt(stage.provider, datasetRegistry.registerDataset(label, categories));
  }

  /** Proposes by one of the staff; the number of the operation. */
  async function propose(line: string, person = "staff-1"): Promise<number> {
    const said = await stage.json<{ operation: { number: number } }>(`${line} --keys keys/${person} --yes`);
    return said.operation.number;
  }

  async function execute(number: number, person = "staff-2"): Promise<void> {
    await stage.json(`governance execute ${number} --keys keys/${person} --yes`);
  }

  /** The chain's own files come and go. */
  function filesHere(): string[] {
    const all = readdirSync(".", { recursive: true }).map(String);
    return all.filter((file) => !file.startsWith("chain")).sort();
  }

  async function told(number: number): Promise<Told> {
    const found = (await stage.json<Told[]>("governance list")).find((each) => each.number === number);
    if (found === undefined) throw new RangeError(`no operation ${number}`);
    return found;
  }

  describe("a trial", () => {
    const trials: Readonly<Record<string, string>> = {
      "member apply": "member apply delta --kind bank --endpoint https://d.example --keys keys/alpha",
      "member present-key": "member present-key --keys keys/alpha",
      "member rotate": "member rotate --keys keys/beta",
      "member endpoint": "member endpoint https://new.example --keys keys/beta",
      "member operator nominate": `member operator nominate ${NOBODY} --keys keys/beta`,
      "member operator accept": "member operator accept beta --keys keys/staff-1",
      "member operator retire": `member operator retire ${NOBODY} --keys keys/beta`,
      "member review": "member review alpha --document report.txt --keys keys/staff-1",
      "member accept": "member accept alpha --document report.txt --keys keys/staff-1",
      "member certify": "member certify alpha --authority authority --keys keys/staff-1",
      "member admit": "member admit alpha --keys keys/staff-1",
      "member suspend": "member suspend alpha --document report.txt --keys keys/staff-1",
      "member reinstate": "member reinstate alpha --keys keys/staff-1",
      "member revoke-key": "member revoke-key alpha --authority authority --document report.txt --keys keys/staff-1",
      "member exit": "member exit alpha --keys keys/alpha",
      "governance propose": 'governance propose "member suspend alpha" "member suspend beta" --keys keys/staff-1',
      "governance execute": "governance execute 3 --keys keys/staff-2",
      "governance cancel": "governance cancel 3 --keys keys/staff-1",
      "governance approve": "governance approve 3 --keys keys/alpha",
      "council claim": "council claim --keys keys/alpha",
      "council seat": "council seat association --keys keys/staff-1",
      "council vacate": "council vacate alpha --keys keys/staff-1",
      "council object": "council object 3 --keys keys/alpha",
      "council approve": "council approve 3 --keys keys/alpha",
      "council lift": "council lift --keys keys/alpha",
      "staff replace": `staff replace staff-3 ${NOBODY} --keys keys/staff-1`,
      "category define": "category define D --owners bank --duty voluntary --due-days 5 --title Z --keys keys/staff-1",
      "category amend": "category amend B --due-days 3 --keys keys/staff-1",
      "parameter set": "parameter set epoch-length 14d --keys keys/staff-1",
      "price set": "price set alpha/CREDIT 2 --keys keys/staff-1",
      "rates set": "rates set --price 2 --keys keys/staff-1",
      "node register": "node register --keys keys/alpha",
      "node activate": "node activate alpha --keys keys/staff-1",
      "node retire": "node retire alpha --keys keys/alpha",
      "node keys": "node keys --threshold 2 --nodes alpha,beta,gamma --keys keys/staff-1",
      "node call-off": "node call-off 2 --reason LATE --keys keys/staff-1",
      "aggregate set-terms": "aggregate set-terms --aggregator association --keys keys/staff-1",
      "statistics key": "statistics key --file report.txt --keys keys/staff-1",
      "statistics define": "statistics define 0x12 --file report.txt --least-contributors 3 --keys keys/staff-1",
      "statistics open": "statistics open 0x12 202606 --for 7d --keys keys/staff-1",
      "statistics strike": "statistics strike 0x12 202606 alpha --reason ABSENT --keys keys/staff-1",
      "statistics release": "statistics release 0x12 202606 --contributions 0x12 --answer 0x12 --keys keys/staff-1",
      "statistics abandon": "statistics abandon 0x12 202606 --reason ABSENT --keys keys/staff-1",
      "emergency freeze": "emergency freeze --document report.txt --keys keys/staff-1",
      "emergency prolong": "emergency prolong --keys keys/staff-1",
      "emergency unfreeze": "emergency unfreeze --keys keys/staff-1",
      "emergency exit": "emergency exit --document report.txt --keys keys/staff-1",
      "emergency plan": "emergency plan --document report.txt --keys keys/staff-1",
      "emergency agree": "emergency agree --document report.txt --keys keys/alpha",
      "drill file": "drill file --document report.txt --keys keys/alpha",
      "drill close": "drill close 1 --document report.txt --keys keys/alpha",
      "incident file": "incident file --document report.txt --keys keys/alpha",
      "incident close": "incident close 1 --document report.txt --keys keys/alpha",
      "measures adopt": "measures adopt --document report.txt --keys keys/staff-1",
      "contract change": `contract change points ${NOBODY} --keys keys/staff-1`,
      "contract take-back": "contract take-back points --keys keys/staff-1",
    };

    it("of every task that sends something sends nothing and writes no file", async () => {
      const changing = commands.filter(({ kind }) => kind === "change").map(({ id }) => id.join(" "));
      expect(Object.keys(trials)).have.members(changing);
      const [block, files] = [await stage.blockNumber(), filesHere()];
      for (const line of Object.values(trials)) {
        const { success, stdout, stderr } = await stage.run(line);
        if (success) expect(stdout, line).match(/Nothing was sent/);
        else expect(stderr, line).match(/^[A-Z_]+: /);
      }
      expect(await stage.blockNumber()).equal(block);
      expect(filesHere()).deep.equal(files);
    });

    it("says who, which way, when it takes effect, and needs no key", async () => {
      const planned = await stage.json(`category amend B --due-days 3 --from ${stage.staff[1] ?? ""}`);
      expect(planned).include({ sent: false, person: "staff-2", way: "constitution", transaction: null });
      expect(Date.parse(String(planned["takesEffect"])) / 1000).above(
        (await stage.provider.getBlock("latest"))!.timestamp + 2 * DAY,
      );
      const terms = {
        owners: 4,
        mandatory: true,
        dueWorkingDays: 3,
        title: "经营机构基础数据 Basic data of firms",
      };
      const category = encodeBytes32String("B");
      expect(planned["calls"]).deep.equal([
        {
          contract: "datasetRegistry",
          function: "amendCategory",
          arguments: { category, terms },
          target: stage.deployment.addresses.datasetRegistry,
          data: INTERFACES.datasetRegistry.encodeFunctionData("amendCategory", [category, terms]),
        },
      ]);
    });

    it("shows the refusal that would come, and --anyway proposes all the same", async () => {
      const refused = await stage.fault("member admit alpha --keys keys/staff-1");
      expect(refused.values["error"]).equal("MemberStatusConflict");
      expect(await stage.json("member admit alpha --keys keys/staff-1 --anyway")).include({
        refusedNow: "CHAIN_REVERTED",
      });
    });
  });

  describe("what is refused", () => {
    it("is refused with a code, in words, and nothing is sent", async () => {
      const [duty, due] = [await propose("member suspend beta"), await propose("member exit beta")];
      chmodSync("keys/gamma/operator.json", 0o644);
      process.env["RISKVEIL_OPERATOR_KEY"] = `0x${"11".repeat(32)}`;
      const block = await stage.blockNumber();
      const faults: readonly (readonly [string, string])[] = [
        ["member suspend alpha --keys keys/alpha", "ACCOUNT_NOT_STAFF"],
        ["emergency freeze --keys keys/alpha", "ACCOUNT_NOT_STAFF"],
        [`governance execute ${duty} --keys keys/alpha`, "ACCOUNT_NOT_STAFF"],
        [`council object ${due} --keys keys/staff-1`, "OPERATOR_WITHOUT_MEMBER"],
        [`council object ${due} --keys keys/association`, "COUNCIL_SEAT_MISSING"],
        [`council object ${duty} --keys keys/alpha`, "OPERATION_OF_DUTY_DESK"],
        ['governance propose "member suspend alpha" --desk constitution --keys keys/staff-1', "GOVERNANCE_DESK_WRONG"],
        ['governance propose "member suspend alpha" "member exit beta" --keys keys/staff-1', "GOVERNANCE_WAY_MIXED"],
        [`governance propose 'points.mint("${NOBODY}", 1)' --keys keys/staff-1`, "GOVERNANCE_WAY_NONE"],
        ['governance propose "member dance alpha" --keys keys/staff-1', "ACTION_UNKNOWN"],
        ['governance propose "memberRegistry.dance(1)" --keys keys/staff-1', "ACTION_UNKNOWN"],
        ['governance propose "member endpoint https://a.example" --keys keys/staff-1', "ACTION_UNKNOWN"],
        [`governance execute ${due} --keys keys/staff-2`, "OPERATION_NOT_DUE"],
        [`governance execute ${duty} --keys keys/staff-1`, "OPERATION_SAME_PERSON"],
        ["governance execute 1 --keys keys/staff-2", "OPERATION_OVER"],
        ["governance execute 99 --keys keys/staff-2", "OPERATION_UNKNOWN"],
        ["governance show 0xzz", "OPERATION_UNKNOWN"],
        [`governance cancel ${due} --keys keys/staff-2`, "OPERATION_NOT_YOURS"],
        ["member show nobody", "MEMBER_UNKNOWN"],
        ["member suspend 17 --keys keys/staff-1", "MEMBER_UNKNOWN"],
        ["dataset show alpha/NONE", "DATASET_UNKNOWN"],
        [`staff replace staff-9 ${NOBODY} --keys keys/staff-1`, "STAFF_UNKNOWN"],
        ["staff replace staff-3 0x12 --keys keys/staff-1", "ACCOUNT_ADDRESS_INVALID"],
        ["parameter set colour 3d --keys keys/staff-1", "ARGUMENT_INVALID"],
        ["parameter set epoch-length soon --keys keys/staff-1", "ARGUMENT_INVALID"],
        ["rates set --keys keys/staff-1", "ARGUMENT_MISSING"],
        ["member review alpha --keys keys/staff-1", "ARGUMENT_MISSING"],
        ["member review alpha --document none.txt --keys keys/staff-1", "DOCUMENT_UNREADABLE"],
        ["member certify alpha --authority nowhere --keys keys/staff-1", "AUTHORITY_MISSING"],
        ["member certify alpha --authority authority --keys keys/staff-1", "KEY_NOT_PRESENTED"],
        ["member list --lang fr", "ARGUMENT_INVALID"],
        ["member list --deployment none.json", "DEPLOYMENT_UNREADABLE"],
        ["emergency freeze --keys keys/staff-1 --key OTHER", "ACCOUNT_AMBIGUOUS"],
        [`emergency freeze --from ${stage.staff[0] ?? ""} --yes`, "ACCOUNT_CANNOT_SIGN"],
        ["emergency freeze --keys keys/nobody", "KEY_DIRECTORY_EMPTY"],
        ["member endpoint https://g.example --keys keys/gamma", "KEY_FILE_EXPOSED"],
        ["member endpoint https://g.example", "KEY_IN_ENVIRONMENT"],
        ["emergency freeze --for 1m --keys keys/staff-1", "CHAIN_REVERTED"],
        ['member suspend alpha --note "About 11010519491231002X" --keys keys/staff-1', "NOTE_PERSONAL"],
      ];
      try {
        for (const [line, code] of faults)
          expect((await stage.fault(line.includes("--yes") ? line : `${line}${needsYes(line)}`)).code, line).equal(
            code,
          );
        expect(await stage.blockNumber()).equal(block);
        expect(existsSync("keys/nobody")).equal(false);
      } finally {
        chmodSync("keys/gamma/operator.json", 0o600);
        delete process.env["RISKVEIL_OPERATOR_KEY"];
      }
    });

    /** All of it with --yes, where the task has that: what stops it is not that it was a trial. */
    function needsYes(line: string): string {
      return line.includes("--keys") || line.includes("endpoint") ? " --yes" : "";
    }

    it("is told in Chinese too, with the contract's reason and without what was written", async () => {
      const { stderr } = await stage.run("emergency freeze --for 1m --keys keys/staff-1 --lang zh");
      expect(stderr).match(/合约拒绝了该操作[\s\S]*冻结时长须为 3600 至 604800 秒，不能是 60 秒/);
      const personal = await stage.run('member suspend alpha --note "About 11010519491231002X" --keys keys/staff-1');
      expect(personal.stdout + personal.stderr).not.match(/1101051949/);
    });
  });

  it("two members that object stop what the Association proposed", async () => {
    const number = await propose("member exit gamma");
    await stage.json(`council object ${number} --keys keys/alpha --yes`);
    expect(await told(number)).deep.include({ state: "waiting" });
    expect((await stage.fault(`council object ${number} --keys keys/alpha --yes`)).values["error"]).equal(
      "CouncilAlreadyVoted",
    );
    await stage.json(`council object ${number} --document report.txt --keys keys/beta --yes`);
    const stopped = await told(number);
    expect(stopped.state).equal("stopped");
    expect(stopped.objections.map(({ member }) => member)).deep.equal(["alpha", "beta"]);
    expect((await stage.run("governance list")).stdout).match(/stopped by alpha, beta/);
    await stage.pass(3 * DAY);
    expect((await stage.fault(`governance execute ${number} --keys keys/staff-2 --yes`)).code).equal("OPERATION_OVER");
  });

  it("a proposer takes its own back; a colleague's takes two", async () => {
    const [own, other] = [await propose("price set alpha/CREDIT 9"), await propose("price set alpha/CREDIT 8")];
    await stage.json(`governance cancel ${own} --keys keys/staff-1 --yes`);
    expect(await told(own)).include({ state: "takenBack", endedBy: "staff-1" });
    const stop = await propose(`governance cancel ${other} --together`, "staff-2");
    await execute(stop, "staff-3");
    expect(await told(other)).include({ state: "stopped", endedBy: "staff-3" });
    expect((await told(stop)).does).equal(`stop operation ${other}`);
  });

  it("an operation is found by the beginning of its id too", async () => {
    const [{ id }] = (await stage.json<Told[]>("governance list")) as [Told];
    expect((await stage.json<Told>(`governance show ${id.slice(0, 12)}`)).number).equal(1);
    expect((await stage.json<Told>(`governance show ${id.toUpperCase().replace("0X", "0x")}`)).number).equal(1);
  });

  it("one of the staff freezes, two unfreeze; a late freeze is lifted by the council", async () => {
    await stage.json("emergency freeze --scope queries,membership --for 4h --keys keys/staff-1 --yes");
    expect(await stage.json("emergency status")).deep.include({ frozen: ["membership", "queries"], overdue: false });
    expect((await stage.fault("member endpoint https://a.example --keys keys/alpha --yes")).code).equal(
      "PLATFORM_FROZEN",
    );
    expect((await stage.fault("emergency freeze --scope queries --keys keys/staff-2 --yes")).values["error"]).equal(
      "EmergencyScopeFrozen",
    );
    const lift = await propose("emergency unfreeze");
    expect((await stage.fault(`governance execute ${lift} --keys keys/staff-1 --yes`)).code).equal(
      "OPERATION_SAME_PERSON",
    );
    await execute(lift);
    expect(await stage.json("emergency status")).deep.include({ frozen: [], freezes: 1 });

    await stage.json("emergency freeze --for 1h --keys keys/staff-3 --yes");
    await stage.json("council approve lift --keys keys/alpha --yes");
    await stage.json("council approve lift --keys keys/gamma --yes");
    expect((await stage.fault("council lift --keys keys/gamma --yes")).values["error"]).equal(
      "CouncilFreezeNotOverdue",
    );
    await stage.pass(2 * HOUR);
    expect(await stage.json("emergency status")).include({ overdue: true });
    await stage.json("council lift --keys keys/gamma --yes");
    expect(await stage.json("emergency status")).deep.include({ frozen: [], freezes: 2 });
  });

  it("drills, incidents and measures are filed, closed and listed", async () => {
    writeFileSync("drill.txt", "A drill.");
    await execute(await propose("measures adopt --document report.txt"));
    expect(await stage.json("measures show")).include({ version: 1 });
    await stage.json("drill file --document drill.txt --keys keys/alpha --yes");
    await stage.json("incident file --document report.txt --keys keys/beta --yes");
    expect((await stage.fault("incident close 2 --document report.txt --keys keys/alpha --yes")).values["error"]).equal(
      "RecordNotOwned",
    );
    expect((await stage.fault("drill close 2 --document report.txt --keys keys/beta --yes")).code).equal(
      "ARGUMENT_INVALID",
    );
    await stage.json("incident close 2 --document report.txt --keys keys/beta --yes");
    const [drill] = await stage.json<Record<string, unknown>[]>("drill list");
    expect(drill).include({ number: 1, filedBy: "alpha", closedAt: null, measures: 1 });
    const [incident] = await stage.json<Record<string, unknown>[]>("incident list");
    expect(incident).include({ number: 2, filedBy: "beta" });
    writeFileSync("drill.txt", "Another text.");
    expect((await stage.fault("drill close 1 --document drill.txt --keys keys/alpha --yes")).code).equal(
      "DOCUMENT_DIGEST_DIFFERS",
    );
  });

  it("categories, parameters, rates, prices and seats change together, by one operation after the delay", async () => {
    const number = await propose(
      'governance propose "category define D --owners bank,insurer --duty voluntary --due-days 7 --title Guarantees" ' +
        '"parameter set settlement-window 2d" "parameter set existing-customers on" "rates set --pool 12.5" ' +
        '"price set alpha/CREDIT 2.5" "council vacate alpha" --anyway',
      "staff-3",
    );
    expect((await stage.fault(`governance execute ${number} --keys keys/staff-1 --yes`)).code).equal(
      "OPERATION_NOT_DUE",
    );
    await stage.pass(3 * DAY);
    // Three seats are the least: as one operation, none of the others takes effect either.
    expect((await stage.fault(`governance execute ${number} --keys keys/staff-1 --yes`)).values["error"]).equal(
      "CouncilSeatsTooFew",
    );
    const again = await propose(
      'governance propose "category define D --owners bank,insurer --duty voluntary --due-days 7 --title Guarantees" ' +
        '"parameter set settlement-window 2d" "parameter set existing-customers on" "rates set --pool 12.5" "price set alpha/CREDIT 2.5"',
    );
    await stage.pass(3 * DAY);
    await execute(again);
    const categories = await stage.json<{ category: string; owners: string[] }[]>("category list");
    expect(categories.at(-1)).deep.include({ category: "D", owners: ["Bank", "Insurer"], dueWorkingDays: 7 });
    expect(await stage.json("parameter list")).deep.include({ name: "settlement-window", seconds: 2 * DAY });
    expect(await stage.json("parameter list")).deep.include({ name: "existing-customers", value: true });
    expect(await stage.json("rates show")).include({ poolPercent: 12.5, defaultPrice: "1" });
    const [dataset] = await stage.json<Record<string, unknown>[]>("dataset list");
    expect(dataset).include({ holderName: "alpha", label: "CREDIT", price: "2.5" });
    expect(await stage.json(`dataset show ${String(dataset?.["id"]).slice(0, 12)}`)).include({
      label: "CREDIT",
      commitment: null,
    });
    expect(await stage.json("points list")).deep.include({ pool: "0" });
    expect(await stage.json("council seats")).include({ approvalsNeeded: 2, objectionsToStop: 2 });
  });

  it("a contract is changed after the delay and put back at once", async () => {
    const { authority, emergency } = stage.deployment.addresses;
    const { abi, bytecode } = PlatformParameters__factory;
    const deployer = await walletOf("staff-1");
    const made = await new ContractFactory([...abi], bytecode, deployer).deploy(authority, emergency);
    await made.waitForDeployment();
    const address = (await made.getAddress()).toLowerCase();
    const number = await propose(`contract change platformParameters ${address}`);
    await stage.pass(3 * DAY);
    await execute(number);
    const inForce = async () =>
      (await stage.json<{ name: string; version: number; implementation: string }[]>("contract list")).find(
        ({ name }) => name === "platformParameters",
      );
    expect(await inForce()).include({ version: 2, implementation: address });
    await execute(await propose("contract take-back platformParameters"));
    expect((await inForce())?.version).equal(3);
    expect((await stage.json<unknown[]>("contract list --versions")).length).equal(12);
    expect(await stage.json("parameter list")).deep.include({ name: "settlement-window", seconds: 2 * DAY });
  });

  it("any call can be proposed in the words of the contract", async () => {
    const planned = await stage.json(
      `governance propose "platformParameters.setEpochLength(86400)" --keys keys/staff-1`,
    );
    expect(planned["note"]).equal("Set the epoch length to 1 day");
    const raw = `${stage.deployment.addresses.memberRegistry}:0x12345678`;
    expect((await stage.fault(`governance propose ${raw} --keys keys/staff-1`)).code).equal("CHAIN_REVERTED");
  });

  it("what was scheduled without the tasks is told and executed like the rest", async () => {
    const { addresses } = stage.deployment;
    const constitution = DualControlTimelock__factory.connect(addresses.constitution, await walletOf("staff-3"));
    const data = INTERFACES.incentiveRules.encodeFunctionData("setPrice", [`0x${"00".repeat(32)}`, 5n]);
    const args = [addresses.incentiveRules, 0, data, ZeroHash, ZeroHash, 3 * DAY] as const;
    await awaitReceipt(stage.provider, constitution.schedule(...args));
    const last = (await stage.json<(Told & { proposedBy: string; note: string })[]>("governance list")).at(-1);
    expect(last).include({ state: "waiting", proposedBy: "staff-3", note: "" });
    await stage.pass(3 * DAY);
    await execute(last?.number ?? 0, "staff-1");
    expect(await told(last?.number ?? 0)).include({ state: "done", endedBy: "staff-1" });
  });

  it("the timeline has the council's word and the staff's freeze, with who it was", async () => {
    const told = await stage.json<{ what: string; by: string | null }[]>("governance history");
    const lines = told.map(({ what, by }) => `${by ?? "-"}: ${what}`).join("\n");
    expect(lines).match(
      /: alpha objected to operation \d+\n.*: beta objected to operation \d+\n-: the council stopped operation/,
    );
    expect(lines).match(/staff-1: froze membership, queries/);
    expect(lines.split("\n")[0]).equal("-: the platform was deployed under its constitution");
    expect((await stage.run("governance history --lang zh")).stdout).match(/alpha 对操作 \d+ 提出异议/);
  });

  it("datasets show what was published, evidence is checked against the deployment's contracts", async () => {
    const { datasetRegistry, platformParameters } = connectContracts(
      stage.deployment.addresses,
      await walletOf("alpha"),
    );
    const [{ id }] = (await stage.json<{ id: string }[]>("dataset list")) as [{ id: string }];
    const digest = (): string => toHex(randomSource(32));
    const publication = {
      ...{ epoch: await platformParameters.currentEpoch(), revision: 1, root: digest(), publicKey: digest() },
      ...{ statisticsDigest: digest(), entryCount: 1024, entrySize: 64, suite: 1, schema: 1 },
    };
    await awaitReceipt(stage.provider, datasetRegistry.publish(id, publication));
    const { commitment } = await stage.json<{ commitment: unknown }>("dataset show alpha/CREDIT");
    expect(commitment).deep.include({ revision: 1, root: publication.root, entryCount: 1024, withdrawn: false });
    expect((await stage.run("dataset show alpha/CREDIT")).stdout).include(publication.root);

    writeFileSync("evidence.json", "{}");
    const checked = await stage.run("verify evidence evidence.json");
    expect(checked.success).equal(false);
    expect(checked.stdout).match(/REFUTED/);
    writeFileSync("picture.json", JSON.stringify(buildPicture(pictureFacts(true))));
    const ofPicture = await stage.run("verify evidence picture.json");
    expect(ofPicture.success).equal(false);
    expect(ofPicture.stdout)
      .match(/✘ EDITION .*\n.*- KEYS /)
      .and.match(/first failure: CHAIN/);
    expect((await stage.fault("verify evidence none.json")).code).equal("DOCUMENT_UNREADABLE");
  });

  describe("the end of the platform", () => {
    it("begins by the constitution, and opens disposal when every party agreed to one plan", async () => {
      writeFileSync("plan.txt", "Who disposes of what.");
      const begin = await propose("emergency exit --document report.txt");
      await stage.pass(3 * DAY);
      await execute(begin);
      expect(await stage.json("emergency status")).include({ exiting: true, disposing: false });
      expect((await stage.fault("emergency unfreeze --keys keys/staff-1")).values["error"]).equal("EmergencyExiting");
      await execute(await propose("emergency plan --document plan.txt"));
      const members = await stage.json<{ name: string; status: string }[]>("member list");
      for (const { name } of members.filter(({ status }) => status === "Active")) {
        await stage.json(`emergency agree --document plan.txt --keys keys/${name} --yes`);
      }
      expect(await stage.json("emergency status")).include({ exiting: true, disposing: true });
    });
  });
});
