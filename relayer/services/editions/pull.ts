/** Brings a file of an edition here from another member, over the channel; goes on where the last try stopped. */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { EMPTY_BODY } from "../../../protocol/channel/request.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { flushDirectory } from "../../store/atomic-file.ts";
import { downloadTable } from "../mirror/download.ts";
import { peerAddress } from "../peer/peer-address.ts";
import type { EditionContext } from "./edition-context.ts";

type PullContext = Pick<EditionContext, "chain" | "channel" | "limits" | "stop">;

export interface Pulled {
  readonly from: number;
  readonly path: `/peer/v1/aggregate/editions/${string}`;
  /** Where it is kept once it was verified. */
  readonly file: string;
  /** Its size, which follows from what is on chain. */
  readonly bytes: number;
  /** What is on chain of it: bytes of another file are never continued. */
  readonly name: Hex;
}

/** Not had now; what came is kept. Anything else that `pull` throws says that the file is not what it should be. */
export function isUnreachable(error: unknown): boolean {
  return isFault(error) && PASSING.includes(error.code);
}

const PASSING: readonly FaultCode[] = ["TABLE_UNREACHABLE", "ENDPOINT_UNUSABLE"];

/**
 * `verify` is given the path of what came and throws if it is not what it should be; then nothing of it is kept.
 * @throws Fault TABLE_UNREACHABLE, ENDPOINT_UNUSABLE, TABLE_TRUNCATED, TABLE_OVERSIZED, and what `verify` throws
 */
export async function pull(
  ctx: PullContext,
  { from, path, file, bytes, name }: Pulled,
  verify: (partial: string) => Promise<void>,
): Promise<void> {
  const member = await ctx.chain.member(from);
  if (member.status !== "Active") throw new Fault("TABLE_UNREACHABLE", { reason: "MEMBER_NOT_ACTIVE" });
  // Parts of one member's file are not continued with another's: which of them was wrong would stay unknown.
  const partialPath = `${file}.${String(from)}-${name.slice(2, 18)}.part`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await downloadTable({
      url: peerAddress(member.endpoint, path),
      authenticate: () => ctx.channel.authenticate(from, { method: "GET", path, body: EMPTY_BODY }),
      ...{ partialPath, bytes, root: name },
      ...ctx.limits,
      signal: ctx.stop,
    });
    await verify(partialPath);
  } catch (error) {
    if (!isUnreachable(error) && !ctx.stop.aborted) rmSync(partialPath, { force: true });
    throw error;
  }
  renameSync(partialPath, file);
  flushDirectory(dirname(file));
}

/** Of a stage that goes at files may take: who drips is given up, and named, while there is time for others. */
const PART_OF_STAGE = 1 / 4;

/** With less time for each of `goes` that follow one another, where a stage is short. What came is kept for the next. */
export async function hurried(ctx: EditionContext, goes: number): Promise<EditionContext> {
  const { stage } = await ctx.chain.contracts.consortiumTables.terms();
  const part = Math.floor((Number(stage) * 1_000 * PART_OF_STAGE) / Math.max(1, goes));
  return { ...ctx, limits: { ...ctx.limits, turnMs: Math.min(ctx.limits.turnMs, part) } };
}
