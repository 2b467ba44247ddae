/**
 * What a node says of itself on chain, once in each window: that it is there, and the salted digest of a small document. The
 * document stays here and is shown when somebody who may know asks what stood behind a digest.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { fromHex, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import packageJson from "../../../package.json" with { type: "json" };
import type { NodeInfo } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import { createKeyFile, readKeyFile } from "../../keys/key-file.ts";
import type { NodeKeys } from "../../keys/node-keys.ts";
import { storeOnce } from "./once.ts";

export type HealthDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "log" | "random"> & {
  readonly config: Pick<RelayerContext["config"], "dataDir" | "nodeHeartbeatMs">;
  readonly keys: NodeKeys;
};

export interface HealthDocument {
  readonly member: number;
  /** Ledger time, Unix seconds. */
  readonly moment: number;
  readonly version: string;
  /** Keys of which the node has a share, as "round:purpose". */
  readonly shares: readonly string[];
}

/** Opens the digest on chain: H("riskveil/node-health", salt, [document]). */
export interface HealthOpening {
  readonly document: HealthDocument;
  readonly salt: Hex;
  readonly digest: Hex;
}

export interface NodeHealth {
  /** Once in each window, if this member is an active node. */
  report(node: NodeInfo | undefined): Promise<void>;
  /** What stands behind the newest report; undefined before the first. */
  newest(): Promise<HealthOpening | undefined>;
}

/** Windows of which the documents are kept. */
const KEPT = 24;
const FILE = /^(\d+)\.json$/;

export function healthDigest(document: string, salt: Uint8Array): Uint8Array {
  return saltedDigest("riskveil/node-health", salt, [utf8(document)]);
}

/** @param window seconds, @param now ledger time: whether an active node has been quiet for more than two windows */
export function isLate(
  { status, activatedAt, lastHeartbeat }: Pick<NodeInfo, "status" | "activatedAt" | "lastHeartbeat">,
  now: number,
  window: number,
): boolean {
  return status === "Active" && now - Math.max(activatedAt, lastHeartbeat) > 2 * window;
}

export function createNodeHealth(ctx: HealthDependencies): NodeHealth {
  const folder = join(ctx.config.dataDir, "node-health");
  const fileOf = (window: number): string => join(folder, `${String(window)}.json`);
  const seconds = Math.max(1, Math.floor(ctx.config.nodeHeartbeatMs / 1000));
  const windowOf = (moment: number): number => Math.floor(moment / seconds);

  ctx.outbox.onFailed("node-heartbeat", (_, { key }, { code, values }) => {
    ctx.log.warn({ key, code, values }, "the node's report was refused; the next window has another");
    return Promise.resolve();
  });

  async function windows(): Promise<readonly number[]> {
    const names = await readdir(folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    });
    return names
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  async function read(window: number): Promise<HealthOpening | undefined> {
    const content = await readKeyFile(fileOf(window));
    if (content === undefined) return undefined;
    try {
      const { document, salt } = JSON.parse(content) as { document: HealthDocument; salt: Hex };
      const digest = toHex(healthDigest(JSON.stringify(document), fromHex(salt, SALT_BYTES)));
      return { document, salt, digest };
    } catch (cause) {
      throw new Fault("KEY_FILE_INVALID", { file: fileOf(window) }, cause);
    }
  }

  /** Of two processes of one relayer the first makes it. */
  async function openingOf(window: number, member: number, moment: number): Promise<HealthOpening | undefined> {
    const shares = (await ctx.keys.heldShares()).map(({ round, purpose }) => `${String(round)}:${purpose}`).sort();
    const document: HealthDocument = { member, moment, version: packageJson.version, shares };
    const content = JSON.stringify({ document, salt: toHex(ctx.random(SALT_BYTES)) });
    await createKeyFile(fileOf(window), content, ctx.random);
    return await read(window);
  }

  return {
    async report(node) {
      if (node?.status !== "Active") return;
      const moment = await ctx.chain.ledgerTime();
      const window = windowOf(moment);
      if (windowOf(node.lastHeartbeat) >= window) return;
      const key = `node-heartbeat:${String(window)}`;
      if ((await ctx.outbox.state(key)) !== undefined) return;
      const opening = await openingOf(window, node.member, moment);
      if (opening === undefined) return;
      const { interface: nodes } = ctx.chain.contracts.algorithmNodes;
      const data = nodes.encodeFunctionData("heartbeat", [opening.digest]) as Hex;
      await storeOnce(ctx, { key, kind: "node-heartbeat", contract: "algorithmNodes", data });
      for (const old of (await windows()).slice(0, -KEPT)) await rm(fileOf(old), { force: true });
    },
    async newest() {
      const newest = (await windows()).at(-1);
      return newest === undefined ? undefined : await read(newest);
    },
  };
}
