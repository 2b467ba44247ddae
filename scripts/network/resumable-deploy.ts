/**
 * Ignition's engine, made to resume by itself. Its journal names a transaction's nonce before sending and the hash after; when
 * the reply was lost in between, the engine asks a person for the hash. Here every signed transaction is stored before
 * it is sent, so the same bytes are sent again and their hash is told.
 */
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { trackTransaction, type DeploymentResult, type EIP1193Provider } from "@nomicfoundation/ignition-core";
import { Transaction, type JsonRpcProvider } from "ethers";

import { awaitReceipt } from "./await-receipt.ts";

export interface SentTransactions {
  remember(nonce: number, signed: string): Promise<void>;
  recall(nonce: number): Promise<string | undefined>;
}

/** Files in `directory`, one for each nonce of the deployer. */
export function sentTransactionsIn(directory: string): SentTransactions {
  const file = (nonce: number): string => join(directory, `${String(nonce)}.hex`);
  return {
    async remember(nonce, signed) {
      await mkdir(directory, { recursive: true });
      await writeFile(file(nonce), signed, { flush: true });
    },
    recall: (nonce) => readFile(file(nonce), "utf8").catch(() => undefined),
  };
}

/** Takes away a last line that a killed process did not finish: what it told of is found by its nonce. */
export async function mendJournal(directory: string): Promise<void> {
  const file = join(directory, "journal.jsonl");
  const text = await readFile(file).catch(() => undefined);
  if (text === undefined) return;
  const end = text.lastIndexOf("\n");
  if (isJson(text.subarray(end + 1).toString("utf8"))) return;
  await truncate(file, end + 1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export interface ResumableDeployment {
  readonly journal: string;
  readonly provider: JsonRpcProvider;
  readonly signing: EIP1193Provider;
  readonly sent: SentTransactions;
  readonly run: () => Promise<DeploymentResult>;
}

/** Runs the deployment, and again after each transaction that was lost sight of. @throws what `run` throws otherwise */
export async function runResumably(deployment: ResumableDeployment): Promise<DeploymentResult> {
  const found = new Set<number>();
  await mendJournal(deployment.journal);
  for (;;) {
    try {
      return await deployment.run();
    } catch (error) {
      const nonce = lostNonce(error);
      if (nonce === undefined || found.has(nonce)) throw error;
      const signed = await deployment.sent.recall(nonce);
      if (signed === undefined) throw error;
      found.add(nonce);
      const { hash } = Transaction.from(signed);
      // Known already, or mined: what counts is the receipt.
      await deployment.provider.send("eth_sendRawTransaction", [signed]).catch(() => undefined);
      await awaitReceipt(deployment.provider, Promise.resolve({ hash: hash ?? "" }));
      await trackTransaction(deployment.journal, hash ?? "", deployment.signing);
    }
  }
}

/** Of a Hardhat error with this number: TRANSACTION_LOST, by Ignition's engine. */
const LOST = "HHE10410";

/** The nonce of a transaction that the journal has prepared and not seen sent. */
export function lostNonce(error: unknown): number | undefined {
  if (!(error instanceof Error) || !error.message.startsWith(LOST) || !("messageArguments" in error)) return undefined;
  const { nonce } = error.messageArguments as { readonly nonce?: unknown };
  return typeof nonce === "number" ? nonce : undefined;
}
