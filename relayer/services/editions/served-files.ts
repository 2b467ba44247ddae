/** Which files of an edition this member gives to whom. */
import { existsSync } from "node:fs";

import { rowBytes } from "../../../protocol/aggregate/row.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { stripSharesBytes } from "../../../protocol/aggregate/strip-bytes.ts";
import { contributionBytes, mergedTableBytes } from "../../../protocol/aggregate/table-bytes.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import { consortiumFiles, contributionFile, mergedFile, sharesFile } from "./edition-files.ts";
import type { EditionStore } from "./edition-store.ts";

const { slotCount } = standardSchema;

export interface ServedFile {
  readonly path: string;
  readonly bytes: number;
  /** Of what is in it: root or digest on chain. */
  readonly name: Hex;
}

/** All throw Fault EDITION_FILE_NOT_FOUND, EDITION_FILE_FORBIDDEN. */
export interface ServedFiles {
  /** This member's own, and those that it admitted: a contributor may be gone when nodes check the merge. */
  contribution(caller: number, edition: number, contributor: number): Promise<ServedFile>;
  merged(caller: number, edition: number): Promise<ServedFile>;
  /** This node's. */
  shares(caller: number, edition: number, attempt: number): Promise<ServedFile>;
  table(edition: number): Promise<ServedFile>;
}

export function createServedFiles(
  { chain, config }: Pick<RelayerContext, "chain" | "config">,
  store: Pick<EditionStore, "mirrors">,
): ServedFiles {
  const { dataDir } = config;

  const notFound = (edition: number): Fault => new Fault("EDITION_FILE_NOT_FOUND", { edition });

  async function found(number: number): Promise<EditionInfo> {
    const edition = await chain.computation.edition(number);
    if (!edition) throw notFound(number);
    return edition;
  }

  /** Ciphertexts under the contribution layer go to who works on them. */
  async function requireWorker(caller: number, edition: EditionInfo): Promise<void> {
    if (caller === edition.aggregator) return;
    const nodes = await chain.computation.nodes();
    if (nodes.some(({ member, status }) => member === caller && status === "Active")) return;
    throw new Fault("EDITION_FILE_FORBIDDEN", { edition: edition.number });
  }

  function present(path: string, bytes: number, name: Hex, edition: number): ServedFile {
    if (!existsSync(path)) throw notFound(edition);
    return { path, bytes, name };
  }

  return {
    async contribution(caller, number, contributor) {
      const edition = await found(number);
      await requireWorker(caller, edition);
      const posted = await chain.computation.contribution(number, contributor);
      if (!posted) throw notFound(number);
      const path = contributionFile(dataDir, number, contributor);
      return present(path, contributionBytes(posted.rows, slotCount), posted.root, number);
    },
    async merged(caller, number) {
      const edition = await found(number);
      await requireWorker(caller, edition);
      if (edition.mergedRows === 0) throw notFound(number);
      const bytes = mergedTableBytes(edition.mergedRows, slotCount);
      return present(mergedFile(dataDir, number), bytes, edition.mergedRoot, number);
    },
    async shares(caller, number, attempt) {
      const edition = await found(number);
      await requireWorker(caller, edition);
      const me = (await chain.me()).id;
      // Shares leave when the chain has their digest, so that nobody chooses its own by the others'.
      const digest = await chain.computation.stripShares(number, attempt, me);
      if (!digest) throw notFound(number);
      const path = sharesFile(dataDir, number, attempt, me);
      return present(path, stripSharesBytes(edition.mergedRows, slotCount), digest, number);
    },
    async table(number) {
      const mirror = (await store.mirrors()).find(({ edition }) => edition === number);
      if (!mirror) throw notFound(number);
      const bytes = mirror.rows * rowBytes(slotCount);
      return present(consortiumFiles(dataDir, number).table, bytes, mirror.root as Hex, number);
    },
  };
}
