/**
 * Opens the row of one subject in a contribution of this member's, for a dispute. What it needs stays here until the edition
 * after the next begins: the rows with their evaluations, the seed, the table. Each opening is in the audit log.
 */
import { existsSync, readFileSync } from "node:fs";

import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { writeRowOpening } from "../../../protocol/aggregate/opening-package.ts";
import { openRow } from "../../../protocol/aggregate/opening.ts";
import { commitRows, proveRow } from "../../../protocol/aggregate/row.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { decodeContribution } from "../../../protocol/aggregate/table-bytes.ts";
import { bytesEqual, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import { termsOf } from "../../aggregate-pool/run-step.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { stepTerms, type EditionContext } from "./edition-context.ts";
import { contributionFile, ownDirectory } from "./edition-files.ts";
import type { EditionSeeds } from "./edition-seeds.ts";
import type { EditionStore } from "./edition-store.ts";
import { createOwnRows, ownRowsContext, type OwnRow } from "./own-rows.ts";

export type RowOpeningMessage = ReturnType<typeof writeRowOpening>;

/** @param caller id of the token that it is handed to */
export type OpenContributedRow = (edition: number, subject: SubjectId, caller: string) => Promise<RowOpeningMessage>;

/** What it returns throws Fault EDITION_NOT_CONTRIBUTED, EDITION_ROW_UNKNOWN, EDITION_SEED_MISSING, EDITION_FILE_NOT_FOUND. */
export function createRowOpenings(
  ctx: Pick<EditionContext, "chain" | "config" | "cipher" | "db">,
  store: Pick<EditionStore, "own">,
  seeds: Pick<EditionSeeds, "find">,
  audit: Pick<AuditLog, "append">,
): OpenContributedRow {
  const { slotCount } = standardSchema;
  const { dataDir } = ctx.config;

  return async (number, subject, caller) => {
    const me = (await ctx.chain.me()).id;
    const edition = await ctx.chain.computation.edition(number);
    const posted = await ctx.chain.computation.contribution(number, me);
    if (!edition || !posted) throw new Fault("EDITION_NOT_CONTRIBUTED", { edition: number });
    const own = await store.own(number);
    const seed = await seeds.find(number, "contribution");
    const file = contributionFile(dataDir, number, me);
    const frozen =
      own &&
      createOwnRows(ownDirectory(dataDir, number, own.generation), ctx.cipher, ownRowsContext(number, own.generation));
    if (!frozen?.exists() || !existsSync(file)) throw new Fault("EDITION_FILE_NOT_FOUND", { edition: number });
    const found = findRow(frozen.known(), utf8(subject));
    if (!found?.y || !found.values) throw new Fault("EDITION_ROW_UNKNOWN", { edition: number });

    const terms = termsOf(await stepTerms(ctx, edition));
    const { rows, root } = decodeContribution(readFileSync(file), slotCount);
    const committed = commitRows(rows);
    if (toHex(root) !== posted.root || !bytesEqual(committed.tree.root, root)) {
      throw new Fault("EDITION_FILE_NOT_FOUND", { edition: number });
    }
    const evidence = proveRow(committed, rows, aggregateTag(found.y, number));
    const entry = { actor: caller, action: "aggregate.open-row", subjectId: `edition-${String(number)}` };
    await ctx.db.transaction().execute((trx) => audit.append(trx, entry));
    const { chainId, addresses } = ctx.chain.deployment;
    return writeRowOpening({
      chain: { chainId, consortiumTables: lower(addresses.consortiumTables), keyRounds: lower(addresses.keyRounds) },
      ...{ edition: number, contributor: me, subject },
      ...{ opening: openRow(terms, { y: found.y, values: found.values }, seed), evidence },
    });
  };
}

function findRow(rows: Iterable<OwnRow>, input: Uint8Array): OwnRow | undefined {
  for (const row of rows) if (row.values !== null && bytesEqual(row.input, input)) return row;
  return undefined;
}

function lower(address: string): Hex {
  return address.toLowerCase() as Hex;
}
