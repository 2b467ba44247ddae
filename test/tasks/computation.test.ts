/** Algorithm nodes, their keys, editions' terms and statistics, decided at a terminal: one chain, the constitution, its delay. */
import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { Wallet } from "ethers";
import { after, before, describe, it } from "mocha";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { randomSource } from "../../scripts/governance/random-source.ts";
import { awaitReceipt } from "../../scripts/network/await-receipt.ts";
import { showDefinitions } from "../../scripts/statistics/show.ts";
import { DAY, startTaskStage, type TaskStage } from "../support/task-stage.ts";

const NODES = ["alpha", "beta", "gamma"];
const PHASES = { joining: 1, dealing: 2, complaining: 3, extracting: 5, disputing: 6, confirming: 8 };
const WORD = "0x01";
const digest = (digits: string): string => `0x${digits.repeat(32)}`;

describe("the joint computation at a terminal", () => {
  let stage: TaskStage;

  before(async function () {
    this.timeout(360_000);
    stage = await startTaskStage(1);
    const firms = NODES.map((name) => ({ name, kind: "SecuritiesFirm" }) as const);
    await stage.admit({ name: "association", kind: "Association" }, ...firms);
  });

  after(async () => {
    await stage.stop();
  });

  async function as(name: string): Promise<PlatformContracts> {
    const key = await createKeyStore(`keys/${name}`, randomSource).operatorKey();
    return connectContracts(stage.deployment.addresses, new Wallet(toHex(key), stage.provider));
  }

  /** Proposed by one of the staff, executed by another after the delay; what it does, in words. */
  async function decide(line: string): Promise<string> {
    const { operation } = await stage.json<{ operation: { number: number } }>(`${line} --keys keys/staff-1 --yes`);
    await stage.pass(2);
    await stage.json(`governance execute ${operation.number} --keys keys/staff-2 --yes`);
    const told = await stage.json<{ number: number; does: string; desk: string }[]>("governance list");
    const found = told.find(({ number }) => number === operation.number);
    return `${found?.desk ?? ""}: ${found?.does ?? ""}`;
  }

  const history = async (member?: string): Promise<string[]> => {
    const only = member === undefined ? "" : ` --member ${member}`;
    return (await stage.json<{ what: string }[]>(`governance history${only}`)).map(({ what }) => what);
  };

  it("members offer themselves as nodes, with their own account", async () => {
    expect(await stage.json("node list")).deep.equal([]);
    for (const name of [...NODES, "association"]) await stage.json(`node register --keys keys/${name} --yes`);
    const nodes = await stage.json<{ name: string; status: string }[]>("node list");
    expect(nodes.map(({ name, status }) => `${name} ${status}`)).deep.equal([
      "alpha Registered",
      "beta Registered",
      "gamma Registered",
      "association Registered",
    ]);
    const again = await stage.fault("node register --keys keys/alpha --yes");
    expect([again.values["error"], again.reason]).deep.equal([
      "NodeAlreadyRegistered",
      "member 2 is registered as a node already",
    ]);
    expect(await history("alpha")).include("alpha registered as an algorithm node");
  });

  it("the constitution appoints them", async () => {
    expect(await decide("node activate alpha beta gamma")).equal(
      "constitution: appoint alpha as an algorithm node; appoint beta as an algorithm node; appoint gamma as an algorithm node",
    );
    const shown = await stage.json("node show alpha");
    expect(shown).deep.include({ name: "alpha", status: "Active", reports: 0, reporters: 0, lastHeartbeat: null });
    expect(await stage.json("node show association")).include({ status: "Registered", activatedAt: null });
    expect((await stage.run("node list --lang zh")).stdout).match(/alpha\s+在任/);
    expect((await stage.run("node show alpha")).stdout).match(/decryption service +0x[0-9a-f]{64}/);
  });

  it("the price of a node's service is set and told by its name, or by its id", async () => {
    const prices = async () =>
      new Map(
        (await stage.json<{ name: string; price: string; id: string }[]>("price list")).map((row) => [row.name, row]),
      );
    const before = await prices();
    expect(await decide("price set alpha/evaluation 2.5")).match(/set the price of alpha\/evaluation to 2\.5 points/);
    const { id } = before.get("beta/decryption")!;
    expect(await decide(`price set ${id} 3`)).match(/set the price of beta\/decryption to 3 points/);
    const after = await prices();
    expect([...after.keys()]).deep.equal([...before.keys()]);
    expect(
      [...after.values()].map(({ price }) => price).filter((price) => price === "2.5" || price === "3"),
    ).deep.equal(["2.5", "3"]);
    expect((await stage.run("price list")).stdout).match(/alpha\/evaluation +2\.5 +0x[0-9a-f]{64}/);
    expect((await history()).join("\n")).match(/price of alpha\/evaluation to 2\.5 points/);
  });

  it("nodes' tasks stand below Hardhat's own task `node` without taking its place", async () => {
    const { code, stdout } = await stage.spawn("node list --json");
    expect([code, (JSON.parse(stdout) as unknown[]).length]).deep.equal([0, 4]);
    const help = await stage.spawn("node --help");
    expect(help.stdout).match(/Start a JSON-RPC server[\s\S]*node keys/);
  });

  it("what is no node, purpose, count or edition is refused in words", async () => {
    const faults: readonly (readonly [string, string])[] = [
      ["node show nobody", "MEMBER_UNKNOWN"],
      ["node keys --keys keys/staff-1", "ARGUMENT_MISSING"],
      ["node keys --threshold two --keys keys/staff-1", "ARGUMENT_INVALID"],
      ["node keys --threshold 2 --purposes colour --keys keys/staff-1", "ARGUMENT_INVALID"],
      ["node keys --threshold 2 --purposes layer --keys keys/staff-1", "RoundPurposesInvalid"],
      ["node keys --threshold 2 --nodes alpha,beta,association --keys keys/staff-1", "RoundNodesInvalid"],
      ["node keys --threshold 3 --keys keys/staff-1", "RoundThresholdInvalid"],
      ["node keys --threshold 2 --reshare 7 --keys keys/staff-1", "RoundBasisInvalid"],
      ["node keys --threshold 2 --phase-seconds 1 --keys keys/staff-1", "RoundPhaseSecondsInvalid"],
      ["node register --keys keys/staff-1", "OperatorUnknown"],
      ["aggregate set-terms --stage 1d --keys keys/staff-1", "ARGUMENT_MISSING"],
      ["aggregate show 1", "ARGUMENT_INVALID"],
      ["statistics key --keys keys/staff-1", "ARGUMENT_MISSING"],
      ["statistics key --file none.json --keys keys/staff-1", "DOCUMENT_UNREADABLE"],
      ["statistics open 0x12 202606 --for 7d --keys keys/staff-1", "ARGUMENT_INVALID"],
    ];
    for (const [line, expected] of faults) {
      const { code, reason, values } = await stage.fault(line);
      expect(code === "CHAIN_REVERTED" ? values["error"] : code, line).equal(expected);
      if (code === "CHAIN_REVERTED") expect(reason, line).be.a("string");
    }
  });

  it("nodes make keys in a round that the constitution begins", async () => {
    expect(await stage.json("node rounds")).deep.equal([]);
    expect(await decide("node keys --threshold 2")).equal(
      "constitution: let alpha, beta, gamma make new keys (evaluation, query, layer, locator), 2 of them needed, 1 hour a phase",
    );
    expect(await stage.json("node rounds")).deep.equal([
      {
        ...{
          round: 1,
          phase: "Joining",
          purposes: ["evaluation", "query", "layer", "locator"],
          inUseFor: [],
          threshold: 2,
        },
        ...{ reshares: null, nodes: NODES, dealers: NODES },
        phaseEndsAt: (await stage.json<{ phaseEndsAt: string }[]>("node rounds"))[0]?.phaseEndsAt,
      },
    ]);
    const running = await stage.fault("node keys --threshold 2 --keys keys/staff-1");
    expect(running.reason).equal("round 1 is not over yet");
    await makeKeys();
    const [round] = await stage.json<Record<string, unknown>[]>("node rounds");
    expect(round).include({ phase: "Completed", phaseEndsAt: null });
    expect(round?.["inUseFor"]).deep.equal(["evaluation", "query", "layer", "locator"]);
    const { keys } = await stage.json<{ keys: unknown[] }>("node show beta");
    expect(keys).deep.include({ purpose: "layer", round: 1, takesPart: true });
    expect(await history()).include("key round 1 was completed");
    expect((await stage.run("node rounds")).stdout).match(/2\/3: alpha, beta, gamma/);
  });

  /** Two make a majority of three; where all three have spoken a phase is over. */
  async function makeKeys(): Promise<void> {
    for (const phase of Object.values(PHASES)) {
      const silent = phase === PHASES.complaining || phase === PHASES.disputing;
      for (const name of phase === PHASES.confirming ? NODES.slice(1) : NODES) {
        const { keyRounds } = await as(name);
        await awaitReceipt(stage.provider, keyRounds.post(1, phase, silent ? "0x" : WORD));
      }
    }
  }

  it("keys are shared anew among others, in words that say so", async () => {
    const planned = await stage.json(
      "node keys --threshold 2 --purposes query --nodes gamma,beta,alpha --reshare 1 --phase-seconds 10m --keys keys/staff-1",
    );
    expect(planned["note"]).equal(
      "Share the keys of round 1 (query) anew among alpha, beta, gamma, 2 of them needed, 10 minutes a phase",
    );
    const [call] = planned["calls"] as { arguments: Record<string, unknown> }[];
    expect(call?.arguments).deep.equal({
      ...{ purposes: 2, threshold: 2, nodes: [2, 3, 4], basis: 1, phaseSeconds: 600 },
    });
  });

  it("a round is called off, and the keys in use stay", async () => {
    await decide("node keys --threshold 2 --reshare 1");
    expect(await decide("node call-off 2 --reason WRONG_THRESHOLD")).equal(
      "constitution: call off key round 2 (WRONG_THRESHOLD)",
    );
    const [made, round] = await stage.json<Record<string, unknown>[]>("node rounds");
    expect(round).include({ round: 2, phase: "Failed", phaseEndsAt: null });
    expect(made?.["inUseFor"]).deep.equal(["evaluation", "query", "layer", "locator"]);
    expect((await history()).at(-1)).match(/executed \d+: call off key round 2 \(WRONG_THRESHOLD\)/);
    const again = await stage.fault("node call-off 2 --reason TWICE --keys keys/staff-1");
    expect([again.values["error"], again.reason]).deep.equal(["RoundOver", "round 2 is over"]);
    expect((await stage.fault("node call-off 2 --keys keys/staff-1")).code).equal("ARGUMENT_MISSING");
    const long = await stage.fault(`node call-off 2 --reason ${"R".repeat(32)} --keys keys/staff-1`);
    expect(long.code).equal("ARGUMENT_INVALID");
  });

  it("terms of editions are set, and amended one by one", async () => {
    expect(await stage.json("aggregate terms")).equal(null);
    expect((await stage.run("aggregate terms")).stdout).match(/No terms are set/);
    const terms = "--least-contributors 3 --least-rows 1024 --period 90d --collecting 7d --stage 1d";
    expect((await stage.fault(`aggregate set-terms --aggregator alpha ${terms} --keys keys/staff-1`)).reason).equal(
      "member 2 cannot aggregate: it must be active, may compute, and may not query",
    );
    expect(await decide(`aggregate set-terms --aggregator association ${terms}`)).equal(
      "constitution: set the terms of editions: aggregator association, at least 3 contributors and 1024 rows, every 90 days, collecting 7 days, stages of 1 day",
    );
    await decide("aggregate set-terms --stage 2d --period 30d");
    expect(await stage.json("aggregate terms")).deep.equal({
      ...{ aggregator: "association", leastContributors: 3, leastRows: 1024 },
      ...{ period: 30 * DAY, collecting: 7 * DAY, stage: 2 * DAY },
    });
    expect((await stage.run("aggregate terms --lang zh")).stdout).match(/汇总方\s+association/);
  });

  it("an edition is shown as it goes, and told when it comes to nothing", async () => {
    expect(await stage.json("aggregate show")).equal(null);
    const { consortiumTables } = await as("alpha");
    await awaitReceipt(stage.provider, consortiumTables.open());
    expect(await stage.json("aggregate show")).deep.include({
      ...{ edition: 1, status: "Collecting", aggregator: "association", contributors: 0, publishedAt: null },
      ...{ rounds: { evaluation: 1, query: 1, layer: 1 }, contributions: [], nodes: [] },
    });
    expect((await stage.run("aggregate show 1")).stdout).match(/collecting, until/);
    await stage.pass(7 * DAY);
    await awaitReceipt(stage.provider, consortiumTables.close(1));
    expect(await stage.json("aggregate show 1")).include({ status: "Abandoned", stageEndsAt: null });
    expect(await history()).include.members([
      "edition 1 of the consortium table was opened",
      "edition 1 was abandoned: CONTRIBUTORS_TOO_FEW",
    ]);
  });

  it("statistics get a key and a definition by the constitution, and are opened by the duty desk", async () => {
    writeFileSync("key.json", JSON.stringify({ keyDigest: digest("c3"), recordDigest: digest("d4"), key: "0x0102" }));
    const definitions = showDefinitions(3072);
    writeFileSync("definitions.json", JSON.stringify(definitions));
    const { statistic } = definitions[0] as { statistic: string };
    const [beginning, name] = [statistic.slice(0, 12), `${statistic.slice(0, 10)}…`];
    expect(await decide("statistics key --file key.json")).equal("constitution: set the statistics key 0xc3c3c3c3…");
    expect(await decide(`statistics define ${beginning} --file definitions.json --least-contributors 4`)).equal(
      `constitution: define statistic ${name}, of at least 4 contributors`,
    );
    expect(await decide(`statistics open ${beginning} 202606 --for 7d`)).include(
      `dutyDesk: collect statistic ${name} for period 202606 until `,
    );
    const listed = await stage.json<{ key: string; statistics: { collections: Record<string, unknown>[] }[] }>(
      "statistics list",
    );
    expect(listed.key).equal(digest("c3"));
    expect(listed.statistics[0]).deep.include({ statistic, leastContributors: 4, retired: false });
    expect(listed.statistics[0]?.collections[0]).include({ period: 202_606, status: "Open", contributors: 0 });
    expect((await stage.run("statistics list --lang zh")).stdout).match(/202606：收集中，贡献方 0 家/);
    const twice = await stage.fault(`statistics open ${beginning} 202606 --for 7d --keys keys/staff-1`);
    expect(twice.values["error"]).equal("CollectionAlreadyOpened");
  });

  it("a contribution is struck, a release put on chain, a collection abandoned, each by the duty desk", async () => {
    const { statistics } = await stage.json<{ statistics: { statistic: string }[] }>("statistics list");
    const { statistic } = statistics[0]!;
    const [beginning, name] = [statistic.slice(0, 12), `${statistic.slice(0, 10)}…`];
    const digests = `--contributions ${digest("e5")} --answer ${digest("f6")}`;
    const firms = [...NODES, "delta", "epsilon"];
    await stage.admit(...firms.slice(NODES.length).map((each) => ({ name: each, kind: "SecuritiesFirm" }) as const));
    for (const firm of firms) {
      const { statisticsBoard } = await as(firm);
      await awaitReceipt(stage.provider, statisticsBoard.contribute(statistic, 202_606, digest("07")));
    }
    const early = await stage.fault(`statistics release ${beginning} 202606 ${digests} --keys keys/staff-1`);
    expect([early.values["error"], typeof early.reason]).deep.equal(["CollectionNotClosed", "string"]);
    await stage.pass(7 * DAY);
    expect(await decide(`statistics strike ${beginning} 202606 gamma --reason NOT_REACHED`)).equal(
      `dutyDesk: strike the contribution of gamma to statistic ${name}, period 202606 (NOT_REACHED)`,
    );
    const again = await stage.fault(`statistics strike ${beginning} 202606 gamma --reason AGAIN --keys keys/staff-1`);
    expect(again.values["error"]).equal("StatisticContributionUnknown");
    expect(await decide(`statistics release ${beginning} 202606 ${digests.replace("e5e5", "E5E5")}`)).equal(
      `dutyDesk: release statistic ${name} for period 202606`,
    );
    const { statisticsBoard } = await as("alpha");
    const released = await statisticsBoard.getCollection(statistic, 202_606);
    expect([released.contributors, released.contributionsDigest, released.answerDigest]).deep.equal([
      ...[4n, digest("e5"), digest("f6")],
    ]);
    await decide(`statistics open ${beginning} 202607 --for 7d`);
    expect(await decide(`statistics abandon ${beginning} 202607 --reason TOO_FEW`)).equal(
      `dutyDesk: abandon the collection of statistic ${name} for period 202607 (TOO_FEW)`,
    );
    const listed = await stage.json<{ statistics: { collections: { status: string }[] }[] }>("statistics list");
    expect(listed.statistics[0]?.collections.map(({ status }) => status)).deep.equal(["Released", "Abandoned"]);
    expect((await stage.run("statistics list --lang zh")).stdout).match(/202606：已发布[\s\S]*202607：已放弃/);
  });

  it("what these lines lack is said", async () => {
    const { statistics } = await stage.json<{ statistics: { statistic: string }[] }>("statistics list");
    const of = `${statistics[0]!.statistic.slice(0, 12)} 202606`;
    const faults: readonly (readonly [string, string, string])[] = [
      [`statistics strike ${of} alpha`, "ARGUMENT_MISSING", "--reason"],
      [`statistics strike ${of} nobody --reason GONE`, "MEMBER_UNKNOWN", "nobody"],
      [`statistics abandon ${of}`, "ARGUMENT_MISSING", "--reason"],
      [`statistics release ${of} --answer ${digest("f6")}`, "ARGUMENT_MISSING", "--contributions"],
      [`statistics release ${of} --contributions ${digest("e5")} --answer 0x12`, "ARGUMENT_INVALID", "--answer"],
      [
        `statistics release 0x99 202606 --contributions ${digest("e5")} --answer ${digest("f6")}`,
        "ARGUMENT_INVALID",
        "statistic",
      ],
    ];
    for (const [line, code, about] of faults) {
      const fault = await stage.fault(`${line} --keys keys/staff-1`);
      expect(fault.code, line).equal(code);
      expect(Object.values(fault.values), line).to.include(about);
    }
  });

  it("a node ends its office by itself, or the constitution does", async () => {
    await stage.json("node retire gamma --keys keys/gamma --yes");
    expect(await history("gamma")).include("algorithm node gamma retired");
    expect(await decide("node retire beta")).equal("constitution: end the office of algorithm node beta");
    const nodes = await stage.json<{ name: string; status: string }[]>("node list");
    expect(nodes.filter(({ status }) => status === "Retired").map(({ name }) => name)).deep.equal(["beta", "gamma"]);
    expect((await history("beta")).at(-1)).match(/executed \d+: end the office of algorithm node beta/);
  });
});
