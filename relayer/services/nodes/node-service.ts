/**
 * This member as an algorithm node. The chain and the key files say all there is to know, so whatever was cut off is taken
 * up by looking again: after each event of a round, and with every heartbeat.
 */
import { isFault } from "../../../protocol/errors/fault.ts";
import { isPostingPhase, KEY_PURPOSES, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import { requireShare, type KeyShare, type PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { NodeInfo } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import { createNodeKeys, type HeldShare } from "../../keys/node-keys.ts";
import { createRoundDriver } from "./drive-round.ts";
import { createNodeHealth, type HealthOpening } from "./health.ts";
import { createRoundReader, type RoundReader } from "./read-round.ts";
import { isNeeded, readKeysInUse } from "./retention.ts";

export type NodeDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "log" | "random" | "clock"> & {
  readonly config: Pick<RelayerContext["config"], "keyDir" | "dataDir" | "algorithmNode" | "nodeHeartbeatMs">;
};

/** With what a node answers for a key. */
export interface FoundShare {
  readonly keys: PublicKeySet;
  readonly share: KeyShare;
}

export interface NodeService {
  /** Does what this member owes to key rounds now. Any number of times, in any number of processes. */
  run(): Promise<void>;
  /** This node's share of a key that a round made, with the key's public side; undefined if it has none. */
  find(round: number, purpose: KeyPurpose): Promise<FoundShare | undefined>;
  /** This member's entry in the register of nodes; undefined if it is in none. */
  me(): Promise<NodeInfo | undefined>;
  /** Keys of which this node has a share, by round and purpose. */
  shares(): Promise<readonly HeldShare[]>;
  /** Says on chain that this node is there, once in each window. */
  report(): Promise<void>;
  /** What stands behind the newest report; undefined before the first. */
  health(): Promise<HealthOpening | undefined>;
  readonly reader: RoundReader;
}

export function createNodeService(ctx: NodeDependencies): NodeService {
  const { computation } = ctx.chain;
  const keys = createNodeKeys(ctx.config.keyDir, ctx.random);
  const reader = createRoundReader(ctx.chain);
  const driver = createRoundDriver({ ...ctx, keys, reader });
  const health = createNodeHealth({ ...ctx, keys });
  /** Checked against the keys on chain: checking costs a multiplication. */
  const found = new Map<string, FoundShare>();
  const nameOf = ({ round, purpose }: HeldShare): string => `${String(round)}:${purpose}`;

  async function me(): Promise<NodeInfo | undefined> {
    const { id } = await ctx.chain.me();
    return (await computation.nodes()).find(({ member }) => member === id);
  }

  async function find(round: number, purpose: KeyPurpose): Promise<FoundShare | undefined> {
    const held = { round, purpose };
    const known = found.get(nameOf(held));
    if (known !== undefined) return known;
    const share = await keys.findShare(held);
    const set = share && (await computation.keySet(round, purpose));
    if (share === undefined || set === undefined) return undefined;
    try {
      requireShare(set, share);
    } catch (error) {
      if (!isFault(error, "KEY_SHARE_WRONG")) throw error;
      ctx.log.error(held, "a key share on disk is not of the key on chain");
      return undefined;
    }
    found.set(nameOf(held), { keys: set, share });
    return { keys: set, share };
  }

  async function eraseOldShares(): Promise<void> {
    const held = await keys.heldShares();
    // Another process of this relayer may have erased some.
    for (const name of found.keys()) if (!held.some((each) => nameOf(each) === name)) found.delete(name);
    const isReplaced = async ({ round, purpose }: HeldShare): Promise<boolean> =>
      round < (await computation.currentRound(purpose));
    if (!(await Promise.all(held.map(isReplaced))).includes(true)) return;
    const inUse = await readKeysInUse(ctx.chain.contracts);
    for (const share of held.filter((each) => !isNeeded(each, inUse))) {
      found.delete(nameOf(share));
      await keys.shredShare(share);
      ctx.log.info(share, "a key share that nothing uses any more was erased");
    }
  }

  async function run(): Promise<void> {
    // Shares that nothing uses any more are not kept by who stays out either.
    if (ctx.config.algorithmNode === "off") {
      await eraseOldShares();
      return;
    }
    const { id } = await ctx.chain.me();
    const newest = await computation.roundCount();
    const round = await computation.round(newest);
    if (round !== undefined && isPostingPhase(round.phase)) await driver.drive(newest, id);
    for (const number of await keys.openRounds()) {
      await driver.finish(number, id).catch((error: unknown) => {
        ctx.log.warn({ round: number, err: error }, "a key round that is over is looked at again later");
      });
    }
    // What replaces a share is kept before the share goes.
    if ((await keys.openRounds()).length === 0) await eraseOldShares();
  }

  return {
    run,
    find,
    me,
    reader,
    async report() {
      if (ctx.config.algorithmNode !== "off") await health.report(await me());
    },
    async shares() {
      const order = ({ round, purpose }: HeldShare): number =>
        KEY_PURPOSES.length * round + KEY_PURPOSES.indexOf(purpose);
      return (await keys.heldShares()).toSorted((a, b) => order(a) - order(b));
    },
    health: () => health.newest(),
  };
}
