/**
 * Algorithm nodes on a test platform, each with its own database, key directory, outbox, watcher and queue: all of a
 * relayer that key rounds need. A node can be stopped, and started again on what it left on disk.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pino } from "pino";

import { KEY_PURPOSES, type KeyPurpose } from "../../protocol/key-round/round.ts";
import type { ChainView } from "../../relayer/chain/chain-view.ts";
import { openChain, type ChainConnection } from "../../relayer/chain/open-chain.ts";
import type { OutboxCall } from "../../relayer/chain/outbox.ts";
import type { RelayerContext } from "../../relayer/context.ts";
import { createJobs } from "../../relayer/jobs/create-jobs.ts";
import { createNodeKeys, type NodeKeys } from "../../relayer/keys/node-keys.ts";
import { createNodeService, type NodeService } from "../../relayer/services/nodes/node-service.ts";
import { testDatabase, type TestDatabase } from "./postgres.ts";
import type { TestMember, TestPlatform } from "./platform.ts";

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Values of the phases Dealing, Answering and Extracting (contracts/computation/IKeyRounds.sol). */
const DEALERS_SPEAK: readonly number[] = [2, 4, 5];

export interface KeyNodeOptions {
  /** In place of what the node would send; undefined sends nothing, and what it throws cuts the work off before it. */
  readonly tamper?: (call: OutboxCall) => OutboxCall | undefined;
  /** What the node sees of the chain in place of it. */
  readonly view?: (view: ChainView) => ChainView;
  readonly settings?: Partial<Pick<RelayerContext["config"], "algorithmNode" | "nodeHeartbeatMs">>;
}

export interface KeyNode {
  readonly member: TestMember;
  readonly service: NodeService;
  readonly chain: ChainConnection;
  readonly keys: NodeKeys;
  readonly keyDir: string;
  readonly database: TestDatabase;
  logged(): string;
  /** As a killed process leaves it: nothing runs any more, and what is stored stays. */
  stop(): Promise<void>;
}

export interface KeyNodes {
  /** A running node of that member; on what an earlier one of it left, if there was one. */
  start(member: TestMember, options?: KeyNodeOptions): Promise<KeyNode>;
  /** Has the members registered and appointed. */
  appoint(members: readonly TestMember[]): Promise<void>;
  /** Begins a round among these members and returns its number. */
  begin(
    members: readonly TestMember[],
    options?: {
      readonly threshold?: number;
      readonly purposes?: readonly KeyPurpose[];
      readonly basis?: number;
      readonly phaseSeconds?: number;
    },
  ): Promise<number>;
  /**
   * Waits until the round is over and says how it ended. The chain's time is moved beyond the end of each phase in which all
   * but `silent` have spoken.
   */
  over(round: number, silent?: readonly TestMember[]): Promise<"Completed" | "Failed">;
  close(): Promise<void>;
}

interface Left {
  readonly database: TestDatabase;
  readonly directory: string;
}

export function createKeyNodes(platform: TestPlatform): KeyNodes {
  const left = new Map<number, Left>();
  const running = new Set<KeyNode>();
  const { contracts, governance } = platform;

  async function start(member: TestMember, options: KeyNodeOptions = {}): Promise<KeyNode> {
    const found = left.get(member.id) ?? {
      database: await testDatabase(),
      directory: await mkdtemp(join(tmpdir(), "riskveil-node-")),
    };
    left.set(member.id, found);
    const { database, directory } = found;
    const keyDir = join(directory, "keys");
    let written = "";
    const log = pino({ level: "debug" }, { write: (line: string) => void (written += line) });
    const clock = (): Date => new Date();
    const { deployment } = platform;
    const chain = openChain({
      ...{ rpcUrl: deployment.rpcUrl, deployment, operator: member.operator, db: database.db, clock, log },
    });
    const outbox: RelayerContext["outbox"] = {
      ...chain.outbox,
      async enqueue(trx, call) {
        const sent = options.tamper === undefined ? call : options.tamper(call);
        if (sent !== undefined) await chain.outbox.enqueue(trx, sent);
      },
    };
    const jobs = await createJobs({ databaseUrl: database.url, redisUrl: undefined, name: member.name, log });
    const config = {
      ...({ keyDir, dataDir: join(directory, "data"), algorithmNode: "auto", nodeHeartbeatMs: 3_600_000 } as const),
      ...options.settings,
    };
    const view = options.view?.(chain.view) ?? chain.view;
    const service = createNodeService({ chain: view, db: database.db, outbox, log, random, clock, config });
    const look = async (): Promise<void> => jobs.enqueue("rounds", { id: "rounds" }, { jobId: "rounds" });
    jobs.process("rounds", () => service.run());
    for (const name of ["RoundPhaseBegun", "RoundCompleted", "RoundFailed", "RoundCalledOff"]) {
      chain.watcher.on(name, () => {
        void look();
        return Promise.resolve();
      });
    }
    await chain.start();
    await jobs.start();
    await jobs.every("rounds", "rounds", 1_000);
    const node: KeyNode = {
      ...{ member, service, chain, keyDir, database, keys: createNodeKeys(keyDir, random), logged: () => written },
      async stop() {
        running.delete(node);
        await jobs.close();
        await chain.close();
      },
    };
    running.add(node);
    return node;
  }

  async function over(round: number, silent: readonly TestMember[] = []): Promise<"Completed" | "Failed"> {
    const quiet = silent.map(({ id }) => id);
    let passed = 0;
    for (const deadline = Date.now() + 240_000; Date.now() < deadline;) {
      const { phase, nodes, dealers, phaseSeconds } = await contracts.keyRounds.getRound(round);
      if (phase === 9n) return "Completed";
      if (phase === 10n) return "Failed";
      if (quiet.length > 0 && Number(phase) > passed) {
        const speakers = (DEALERS_SPEAK.includes(Number(phase)) ? dealers : nodes).map(Number);
        const rest = speakers.filter((member) => !quiet.includes(member));
        const spoken = await Promise.all(rest.map((member) => contracts.keyRounds.hasPosted(round, phase, member)));
        if (!spoken.includes(false)) {
          passed = Number(phase);
          await platform.provider.send("evm_increaseTime", [Number(phaseSeconds) + 1]);
          await platform.provider.send("evm_mine", []);
        }
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`round ${String(round)} is not over`);
  }

  return {
    start,
    async appoint(members) {
      for (const member of members) {
        await platform.mined(platform.actingAs(member).algorithmNodes.register());
        await platform.mined(governance.algorithmNodes.activate(member.id));
      }
    },
    async begin(members, { threshold = 2, purposes = KEY_PURPOSES, basis = 0, phaseSeconds = 600 } = {}) {
      const bits = purposes.reduce((sum, purpose) => sum | (1 << KEY_PURPOSES.indexOf(purpose)), 0);
      const ids = members.map(({ id }) => id).sort((a, b) => a - b);
      await platform.mined(governance.keyRounds.begin(bits, threshold, ids, basis, phaseSeconds));
      return Number(await contracts.keyRounds.roundCount());
    },
    over,
    async close() {
      for (const node of running) await node.stop();
      for (const { database, directory } of left.values()) {
        await database.close();
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

type Answer = boolean | string;

/** Waits until `ask` says true. What it says instead, a text too, is told when it was waited for in vain. */
export async function until(ask: () => Promise<Answer> | Answer, seconds = 180): Promise<void> {
  let answer: Answer = false;
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    answer = await ask();
    if (answer === true) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited in vain: ${String(answer)}`);
}
