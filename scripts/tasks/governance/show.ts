import { sentence, type Text } from "../language.ts";
import { findOperation, readOperations } from "../operations.ts";
import { sheet, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { moment } from "../words/amounts.ts";
import { describeCall } from "../words/calls.ts";
import { operationJson, operationNames, stateLines } from "./list.ts";
import { DESKS } from "./states.ts";

export async function showOperation(session: Session, args: { readonly operation: string }): Promise<Report> {
  const names = await session.names();
  const operations = await readOperations(await session.platform());
  const operation = findOperation(operations, args.operation);
  const named = operationNames(operations);
  const { number, id, desk, proposer, proposedAt, dueAt, note, calls } = operation;
  const described = calls.map((call) => describeCall(call, names, named));
  return {
    json: operationJson(operation, names, named),
    text: (language) =>
      sheet(
        [
          [{ en: "operation", zh: "操作" }, `${number} (${id})`],
          [{ en: "way", zh: "途径" }, DESKS[desk][language]],
          [{ en: "does", zh: "事项" }, described.map(({ words }) => sentence(words)[language]).join("\n")],
          [{ en: "note", zh: "说明" }, note || "-"],
          [{ en: "proposed", zh: "提案" }, `${names.accountName(proposer)}, ${moment(proposedAt)}`],
          [{ en: "due", zh: "生效" }, moment(dueAt)],
          [
            { en: "state", zh: "状态" },
            stateLines(operation, names)
              .map((line) => line[language])
              .join("\n"),
          ],
          ...described.map((call): readonly [Text, string] => [
            { en: "call", zh: "调用" },
            `${call.contract}.${call.function} ${JSON.stringify(call.arguments)}`,
          ]),
        ],
        language,
      ),
  };
}
