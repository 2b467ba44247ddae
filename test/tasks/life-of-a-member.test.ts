import { join, resolve } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { runDocument, type Step } from "../support/console-document.ts";
import { DAY, startTaskStage, type TaskStage } from "../support/task-stage.ts";

const GUIDE = resolve(import.meta.dirname, "../../docs/guides/life-of-a-member.md");

interface Told {
  readonly number: number;
  readonly desk: string;
  readonly does: string;
  readonly state: string;
  readonly proposedBy: string;
  readonly endedBy: string;
}

describe("the life of a member, through the tasks only", () => {
  let stage: TaskStage;
  let steps: readonly Step[];

  before(async () => {
    stage = await startTaskStage(3 * DAY);
    steps = await runDocument(GUIDE, stage);
  });

  after(async () => {
    await stage.stop();
  });

  const outputOf = (part: string): string[] =>
    steps.filter(({ command }) => command.includes(part)).map(({ output }) => output);

  it("is what the guide shows, command by command", () => {
    expect(steps.length).above(30);
  });

  it("refuses on the way whoever goes first: the proposer, the impatient, the uncertified key", () => {
    const refused = steps.filter(({ output }) => /^[A-Z_]+: /.test(output)).map(({ output }) => output.split(":")[0]);
    expect(refused).deep.equal(["OPERATION_SAME_PERSON", "OPERATION_NOT_DUE", "KEY_NOT_YET_CERTIFIED"]);
  });

  it("is told by governance list in order, with who did what", async () => {
    const told = await stage.json<Told[]>("governance list");
    expect(
      told.map(({ number, desk, does, state, proposedBy, endedBy }) =>
        [number, desk, does, state, proposedBy, endedBy].join(" | "),
      ),
    ).deep.equal([
      "1 | dutyDesk | record that the application of lambda was reviewed | done | staff-1 | staff-2",
      "2 | dutyDesk | record that lambda passed its acceptance run; record the certificate of key 0 of lambda | done | staff-2 | staff-3",
      "3 | constitution | admit lambda | done | staff-1 | staff-2",
      "4 | dutyDesk | record the certificate of key 1 of lambda | done | staff-3 | staff-1",
      "5 | dutyDesk | suspend lambda | done | staff-2 | staff-1",
      "6 | dutyDesk | reinstate lambda | done | staff-1 | staff-3",
    ]);
    expect(outputOf("governance list")[0]).match(/Admit lambda/);
  });

  it("leaves the member as its life went: left, no seat, two keys, two accounts", async () => {
    const member = await stage.json<{ status: string; seat: boolean; keys: unknown[]; operators: string[] }>(
      "member show lambda",
    );
    expect(member.status).equal("Exited");
    expect(member.seat).equal(false);
    expect(member.keys).length(2);
    expect(member.operators).length(2);
  });

  it("is told by one timeline, where members' own acts stand too", async () => {
    const told = await stage.json<{ what: string; by: string | null }[]>("governance history --member lambda");
    const what = told.map((each) => each.what);
    for (const part of [
      "lambda applied",
      "presented SM2 key 1",
      "executed 3: admit lambda",
      "lambda left",
      "lost its seat",
    ]) {
      expect(
        what.some((words) => words.includes(part)),
        part,
      ).equal(true);
    }
    expect(what.findIndex((words) => words.includes("applied"))).below(
      what.findIndex((words) => words.includes("admit lambda")),
    );
  });

  it("gives certificates that openssl accepts, and a list that names what was revoked", async function () {
    const issued = await stage.json<{ subject: string; revoked: string | null }[]>(
      "certificate list --authority authority",
    );
    expect(issued.map(({ subject, revoked }) => [subject, revoked])).deep.equal([
      ["lambda", null],
      ["lambda", "cessationOfOperation"],
    ]);
    const files = join("authority", "issued");
    const said = stage.shell(
      `command -v openssl > /dev/null || { echo none; exit 0; }; for file in ${files}/*.pem; do ` +
        `openssl verify -vfyopt distid:1234567812345678 -CAfile authority/root.pem $file; done 2>&1`,
    );
    if (said.startsWith("none")) this.skip();
    expect(
      said
        .trim()
        .split("\n")
        .every((line) => line.endsWith(": OK")),
      said,
    ).equal(true);
  });
});
