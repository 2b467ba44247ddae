/**
 * Documents whose commands are run: fences of `console` hold commands as typed (`$ ...`) with what they print. A line of
 * `# 3 days later` lets time pass on the chain. What differs from run to run (addresses, digests, times) is not compared.
 * With RISKVEIL_WRITE_DOCUMENTS=1 the outputs in the document are written instead.
 */
import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { DAY, type TaskStage } from "./task-stage.ts";

export interface Step {
  readonly command: string;
  readonly output: string;
}

const FENCE = /^```console\n([\s\S]*?)^```$/gm;
const LATER = /^# (\d+) days? later$/;
const HARDHAT = "npx hardhat ";

/** Runs every command of the document in order; returns what was printed. */
export async function runDocument(file: string, stage: TaskStage): Promise<Step[]> {
  const text = readFileSync(file, "utf8");
  const steps: Step[] = [];
  let written = "";
  let position = 0;
  for (const fence of text.matchAll(FENCE)) {
    const body = fence[1] ?? "";
    const { ran, printed } = await runFence(body, stage);
    steps.push(...ran);
    if (process.env["RISKVEIL_WRITE_DOCUMENTS"] !== "1") expect(comparable(printed), body).to.equal(comparable(body));
    written += `${text.slice(position, fence.index)}\`\`\`console\n${printed}\`\`\``;
    position = fence.index + fence[0].length;
  }
  if (process.env["RISKVEIL_WRITE_DOCUMENTS"] === "1") writeFileSync(file, written + text.slice(position));
  return steps;
}

async function runFence(body: string, stage: TaskStage): Promise<{ ran: Step[]; printed: string }> {
  const ran: Step[] = [];
  let printed = "";
  for (const [line, command] of commandsIn(body)) {
    const later = LATER.exec(line);
    printed += `${line}\n`;
    if (later !== null) await stage.pass(Number(later[1]) * DAY);
    if (command === undefined) continue;
    const output = await runLine(command, stage);
    printed += output;
    ran.push({ command, output });
  }
  return { ran, printed };
}

/** Lines that are typed, with the command in them; what was printed is left out. */
function commandsIn(body: string): [line: string, command: string | undefined][] {
  const lines = body.split("\n");
  const typed: [string, string | undefined][] = [];
  for (let i = 0; i < lines.length; i++) {
    let line = lines[i] ?? "";
    if (LATER.test(line)) typed.push([line, undefined]);
    if (!line.startsWith("$ ")) continue;
    while (line.endsWith("\\")) line += `\n${lines[++i] ?? ""}`;
    typed.push([line, line.slice(2).replace(/\\\n\s*/g, "")]);
  }
  return typed;
}

async function runLine(command: string, stage: TaskStage): Promise<string> {
  if (!command.startsWith(HARDHAT)) return stage.shell(`${command} 2>&1`);
  let line = command.slice(HARDHAT.length);
  for (const [whole, inner] of line.matchAll(/\$\(npx hardhat ([^)]*)\)/g)) {
    line = line.replace(whole, (await stage.run(inner ?? "")).stdout.trim());
  }
  const { stdout, stderr } = await stage.run(line);
  return stdout + stderr;
}

function comparable(text: string): string {
  return text
    .replace(/0x[0-9a-f]{8,}…?/gi, "0x#")
    .replace(/\b04[0-9a-f]{128}\b/g, "04#")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d/g, "(time)")
    .replace(/ +/g, " ");
}
