/** A published answer recomputed by somebody who trusts no relayer: from its file and a node of the chain. */
import { readFile } from "node:fs/promises";

import { ZeroAddress } from "ethers";
import { z } from "zod";

import { fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { SALT_BYTES } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { answerDigest, answerSchema } from "../../protocol/statistics/published-answer.ts";
import { contributionsDigest } from "../../protocol/statistics/release.ts";
import { createChainView } from "../../relayer/chain/create-chain-view.ts";
import { readDeployment } from "../../relayer/chain/deployment.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { createCollections } from "../../relayer/services/statistics/collections.ts";
import { verifyWithChain } from "../../relayer/services/statistics/verify-with-chain.ts";

const file = z.object({ answer: answerSchema, salt: z.string().regex(/^0x[0-9a-f]{64}$/) });

export interface VerifyPublishedOptions {
  /** Files. */
  readonly answer: string;
  readonly deployment: string;
  readonly rpc: string;
  readonly leastKeyBits: number;
}

export interface VerifiedPublication {
  readonly statistic: string;
  readonly period: number;
  /** What the chain says of it: before "released" the answer is the collector's alone. */
  readonly status: string;
  readonly contributors: readonly number[];
  /** Of what was recomputed; once released, they are those on chain. Before, whoever releases compares them. */
  readonly contributionsDigest: Hex;
  readonly answerDigest: Hex;
  readonly values: Readonly<Record<string, string>>;
  readonly liars: readonly { readonly node: number; readonly code: string }[];
}

/** @throws Fault STATISTIC_ANSWER_INVALID, those of `verifyAnswer` and `Collections.find` */
export async function verifyPublished(options: VerifyPublishedOptions): Promise<VerifiedPublication> {
  const deployment = await readDeployment(options.deployment);
  const parsed = file.safeParse(JSON.parse(await readFile(options.answer, "utf8")));
  if (!parsed.success) throw new Fault("STATISTIC_ANSWER_INVALID", { part: "form" }, parsed.error);
  const { answer, salt } = parsed.data;
  const provider = createProvider(options.rpc, deployment.chainId);
  try {
    const operator = ZeroAddress as Hex;
    const chain = createChainView({ provider, deployment, operator, clock: () => new Date() });
    const collections = createCollections({ chain }, options.leastKeyBits);
    const known = await collections.find(answer.statistic as Hex, answer.period);
    const verified = await verifyWithChain(collections.view, known, { answer, salt });
    const committed = await collections.view.committed(known.statistic, known.period);
    return {
      statistic: answer.statistic,
      period: answer.period,
      status: known.onChain.status,
      contributors: verified.contributorIds,
      contributionsDigest: toHex(contributionsDigest(verified.contributorIds, committed)),
      answerDigest: toHex(answerDigest(answer, fromHex(salt, SALT_BYTES))),
      values: Object.fromEntries(Object.entries(verified.values).map(([name, value]) => [name, value.toString()])),
      liars: verified.liars,
    };
  } finally {
    provider.destroy();
  }
}
