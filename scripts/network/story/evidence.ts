/** Takes a query's evidence package out and has it verified by a process that has only the file and the chain's URL. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { Member } from "../network.ts";
import { until } from "../waiting.ts";

export interface Verified {
  readonly file: string;
  /** What the verifying process printed, check by check, is in this file. */
  readonly reportFile: string;
  readonly checks: number;
  /** Each holder's outcome and the verdict, in the verifier's words. */
  readonly conclusion: readonly string[];
}

const VERIFIER = resolve(import.meta.dirname, "../../verify-evidence.ts");
const PATIENCE_S = 180;
/** Codes that mean "not yet": the leaf waits for its window or its block. */
const NOT_YET = new Set(["EVIDENCE_NOT_ANCHORED", "QUERY_NOT_ANSWERED"]);

export interface EvidenceOptions {
  readonly querier: Member;
  readonly query: string;
  readonly position: number;
  /** Of the details unless said. */
  readonly of?: "evidence" | "picture-evidence";
  readonly directory: string;
  readonly rpcUrl: string;
  readonly signal: AbortSignal;
}

/** @throws Fault WORK_UNFINISHED if it is not anchored in time, WORK_FAILED if the verifier refutes it. */
export async function verifiedEvidence(options: EvidenceOptions): Promise<Verified> {
  const { querier, query, position, rpcUrl, signal } = options;
  const work = `evidence of subject ${position + 1}`;
  const { of = "evidence" } = options;
  const path = `/v1/queries/${query}/subjects/${position}/${of}`;
  const content = await until({ name: querier.party.name, work, seconds: PATIENCE_S, signal }, async () => {
    try {
      return await querier.client.get("compliance", path);
    } catch (error) {
      if (error instanceof Fault && NOT_YET.has(String(error.values["code"]))) return undefined;
      throw error;
    }
  });
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const name = of === "evidence" ? `${query}-${position}` : `${query}-${position}-picture`;
  const file = join(options.directory, `${name}.json`);
  // It names the person and opens the records: for the querier's eyes only.
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  const { code, output } = await runVerifier(file, rpcUrl, signal);
  if (code !== 0) {
    throw new Fault("WORK_FAILED", { name: querier.party.name, work: `verifying ${file}`, reason: output.trim() });
  }
  const reportFile = file.replace(/\.json$/, ".report.txt");
  writeFileSync(reportFile, output, { mode: 0o600 });
  const lines = output.split("\n").map((line) => line.trim());
  return {
    file,
    reportFile,
    checks: lines.filter((line) => line.startsWith("✔")).length,
    conclusion: lines.filter((line) => /^(dataset|数据集|VERIFIED|验证通过)/.test(line)),
  };
}

function runVerifier(
  file: string,
  rpcUrl: string,
  signal: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [VERIFIER, file, "--rpc", rpcUrl], {
      // Nothing of ours but the language: whoever checks evidence has no more than this.
      env: { PATH: process.env["PATH"], LANG: process.env["LANG"], LC_ALL: process.env["LC_ALL"] },
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", fail);
    child.once("close", (code) => done({ code, output }));
  });
}
