/**
 * Brings the published table here from one node of the set that made it. What comes may have been changed on its way, so what
 * does not hold is asked for a second time, from the first byte on. Who serves it wrong twice is reported, and what came the
 * second time is kept beside the table, for whoever has to judge.
 */
import { copyFileSync, existsSync, rmSync } from "node:fs";

import { toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { isFault, type Fault } from "../../../protocol/errors/fault.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { sha256OfFile } from "../../store/file-digest.ts";
import type { EditionContext } from "./edition-context.ts";
import { reportNode } from "./evidence.ts";
import { isUnreachable, pull } from "./pull.ts";

export interface PublishedTable {
  readonly edition: Pick<EditionInfo, "number" | "tableRoot">;
  /** Where it is kept once it was verified. */
  readonly file: string;
  readonly bytes: number;
  /** Throws a fault if the file at `path` is not the table. */
  verify(path: string): Promise<void>;
}

const TRIES = 2;

/** What says that another table was served. Whatever else comes of verifying one is this member's own trouble: a full disk, say. */
const ANOTHER: readonly FaultCode[] = [
  "TABLE_ROOT_MISMATCH",
  "TABLE_MISORDERED",
  "TABLE_TAG_DUPLICATE",
  "TABLE_TRUNCATED",
  "TABLE_OVERSIZED",
];

/** @returns whether it is here. @throws Fault what kept this member from verifying it */
export async function fetchPublished(
  ctx: EditionContext,
  { edition: { number, tableRoot }, file, bytes, verify }: PublishedTable,
  node: number,
): Promise<boolean> {
  const path = `/peer/v1/aggregate/editions/${String(number)}/table` as const;
  const kept = `${file}.${String(node)}.evidence`;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      await pull(ctx, { from: node, path, file, bytes, name: tableRoot }, async (partial) => {
        try {
          await verify(partial);
        } catch (error) {
          if (isFault(error) && ANOTHER.includes(error.code)) copyFileSync(partial, kept);
          throw error;
        }
      });
      rmSync(kept, { force: true });
      return true;
    } catch (error) {
      if (!isFault(error)) throw error;
      ctx.log.warn({ edition: number, node, attempt, code: error.code }, "consortium table not had from this node");
      if (isUnreachable(error)) return false;
      if (!ANOTHER.includes(error.code)) throw error;
      if (attempt === TRIES) await report(ctx, number, node, error, kept);
    }
  }
  return false;
}

async function report(ctx: EditionContext, edition: number, accused: number, fault: Fault, kept: string) {
  // Of a table of another length nothing came.
  const came = existsSync(kept) ? `SHA-256 ${toHex(await sha256OfFile(kept))}` : JSON.stringify(fault.values);
  const content = utf8(`published table, twice: ${fault.code}, ${came}`);
  await reportNode(ctx, { edition, accused, reason: fault.code, content });
}
