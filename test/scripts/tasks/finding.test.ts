import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { parseCommand, wordsOf } from "../../../scripts/tasks/command-line.ts";
import { commands } from "../../../scripts/tasks/definitions.ts";
import { createNames } from "../../../scripts/tasks/names.ts";
import { findOperation, type Operation } from "../../../scripts/tasks/operations.ts";
import { table } from "../../../scripts/tasks/report.ts";
import { duration, moment, parseDuration, parsePoints, parseScope } from "../../../scripts/tasks/words/amounts.ts";

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
  return "none";
}

const operation = (number: number, id: string): Operation => ({ number, id }) as unknown as Operation;

describe("finding what people mean", () => {
  const operations = [operation(1, "0xab12"), operation(2, "0xab34"), operation(12, "0xcd12")];

  it("an operation by its number or an unambiguous beginning of its id", () => {
    expect(findOperation(operations, "12").number).equal(12);
    expect(findOperation(operations, "0xAB3").number).equal(2);
    expect(codeOf(() => findOperation(operations, "0xab"))).equal("OPERATION_AMBIGUOUS");
    for (const given of ["3", "0x", "0xff", "ab12", "", "-1", "1.0"]) {
      expect(
        codeOf(() => findOperation(operations, given)),
        given,
      ).equal("OPERATION_UNKNOWN");
    }
  });

  const members = ["alpha", "77", "beta"].map((name, i) => ({
    id: i + 1,
    name,
    kind: "Bank" as const,
    status: "Active" as const,
    endpoint: "",
    operators: [`0x${String(i + 1).repeat(40)}` as const],
  }));
  const dataset = (id: `0x${string}`, holder: number, label: string) => ({
    id,
    holder,
    label,
    categories: [],
    latestEpoch: 0,
  });
  const names = createNames({
    members,
    datasets: [dataset("0xaa11", 1, "CREDIT"), dataset("0xaa22", 2, "CREDIT")],
    services: [{ id: "0xaa33", node: 3, service: "evaluation" }],
    staff: [{ name: "staff-1", account: `0x${"9".repeat(40)}`, since: 1, until: undefined }],
    addresses: { points: `0x${"8".repeat(40)}` },
  });

  it("members by number or name, datasets by id, its beginning or member/LABEL", () => {
    expect(names.findMember("2").name).equal("77");
    expect(names.findMember("BETA").id).equal(3);
    expect(codeOf(() => names.findMember("77"))).equal("MEMBER_UNKNOWN");
    expect(names.findDataset("0xAA1").holder).equal(1);
    expect(names.findDataset("77/credit").id).equal("0xaa22");
    expect(codeOf(() => names.findDataset("0xaa"))).equal("DATASET_AMBIGUOUS");
    expect(codeOf(() => names.findDataset("CREDIT"))).equal("DATASET_UNKNOWN");
  });

  it("what has a price, a node's service like a dataset", () => {
    expect(names.findPriced("beta/Evaluation").id).equal("0xaa33");
    expect(names.findPriced("0xaa3").id).equal("0xaa33");
    expect(names.findPriced("77/CREDIT").id).equal("0xaa22");
    expect(names.datasetName("0xAA33")).equal("beta/evaluation");
    expect(codeOf(() => names.findPriced("0xaa"))).equal("DATASET_AMBIGUOUS");
    expect(codeOf(() => names.findDataset("beta/evaluation"))).equal("DATASET_UNKNOWN");
    expect(codeOf(() => names.findPriced("beta/decryption"))).equal("DATASET_UNKNOWN");
  });

  it("accounts by what they are", () => {
    expect(["9", "1", "8", "7"].map((digit) => names.accountName(`0x${digit.repeat(40)}`))).deep.equal([
      "staff-1",
      "alpha",
      "points",
      "0x77777777…",
    ]);
  });

  it("a task in one text, with quotes, flags and options", () => {
    const line = `member certify alpha beta --organisation "Two words" --authority=dir --json`;
    expect(parseCommand(wordsOf(line), commands)?.args).deep.equal({
      members: ["alpha", "beta"],
      organisation: "Two words",
      authority: "dir",
      json: true,
    });
    for (const bad of ["member", "member dance", "member admit", "member show a b", "member list --colour red"]) {
      expect(parseCommand(wordsOf(bad), commands), bad).equal(undefined);
    }
  });

  it("durations, points and scopes as people write them", () => {
    expect([parseDuration("x", "3d"), parseDuration("x", "90"), parseDuration("x", "2h")]).deep.equal([
      259_200, 90, 7_200,
    ]);
    expect(duration(93_784)).deep.equal({ en: "1 day 2 hours 3 minutes 4 seconds", zh: "1 天 2 小时 3 分钟 4 秒" });
    expect(parsePoints("x", "2.5")).equal(25n * 10n ** 17n);
    expect([parseScope("x", "everything"), parseScope("x", "data, rules")]).deep.equal([15, 10]);
    for (const bad of ["", "1y", "-1d", "1d2h", "0x10"])
      expect(
        codeOf(() => parseDuration("x", bad)),
        bad,
      ).equal("ARGUMENT_INVALID");
    for (const bad of ["", "-1", "1e3", "1.2.3"])
      expect(
        codeOf(() => parsePoints("x", bad)),
        bad,
      ).equal("ARGUMENT_INVALID");
    expect(codeOf(() => parseScope("x", "data,colour"))).equal("ARGUMENT_INVALID");
    expect(moment(0)).match(/^19(?:70|69)-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d$/);
  });

  it("tables whose columns stand in line in Chinese too", () => {
    const columns = [
      { title: { en: "name", zh: "名称" }, cell: ({ name }: { name: string }) => name },
      { title: { en: "no", zh: "编号" }, cell: () => "1\n2" },
    ];
    expect(table(columns, [{ name: "甲证券" }, { name: "ab" }], "zh")).equal(
      ["名称    编号", "甲证券  1", "        2", "ab      1", "        2"].join("\n"),
    );
    expect(table(columns, [], "en")).equal("None.");
  });
});
