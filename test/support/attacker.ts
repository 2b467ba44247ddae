/**
 * A hostile member: admitted like any other, with keys, a certificate and points of its own, but without a relayer. It speaks to
 * the holders itself, over channels of its own, and says whatever a test has it say.
 */
import { randomBytes } from "node:crypto";

import { NonceManager, Wallet } from "ethers";

import { toHex, fromHex, type Hex } from "../../protocol/encoding/bytes.ts";
import {
  composeRequest,
  encodeRequest,
  type EvaluateRequest,
  type Inquiry,
  type LaneHead,
  type RequestWire,
} from "../../protocol/oblivious-lookup/request.ts";
import { initialTranscript } from "../../protocol/oblivious-lookup/transcript.ts";
import type { LedgerDomain } from "../../protocol/oblivious-lookup/typed-data.ts";
import { ristretto255Sha512, type Element } from "../../protocol/oprf/oprf.ts";
import { ledgerDomain } from "../../relayer/chain/deployment.ts";
import type { LocalIdentity } from "../../protocol/channel/parties.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import { createOperatorKey, type OperatorKey } from "../../relayer/chain/operator-key.ts";
import { readTrust } from "../../relayer/services/channel/identity-files.ts";
import { createAssociation } from "../../scripts/governance/association.ts";
import { openCertificateAuthority } from "../../scripts/governance/certificate-authority.ts";
import { admitMembers } from "../../scripts/network/admit-members.ts";
import { staffKeysOf } from "../../scripts/network/infrastructure.ts";
import { awaitReceipt } from "../../scripts/network/await-receipt.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createChannelCaller, type Called, type ChannelCaller } from "./channel-caller.ts";
import type { TestNetwork } from "./network.ts";

export const EVALUATE = "/peer/v1/evaluate";

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** What a holder can be made to lose or do by a request: equal before and after one that it refused. */
export interface HolderTrace {
  readonly lanes: readonly unknown[];
  readonly requests: number;
  readonly settled: bigint;
}

export interface Inquiring {
  readonly session: Hex;
  readonly holder: PartyName;
  readonly lane?: number;
  /** Where the lane stands; at its beginning unless given. */
  readonly head?: LaneHead;
  readonly elements?: readonly Element[];
  readonly change?: Partial<Inquiry>;
  readonly signer?: OperatorKey;
}

export interface Attacker {
  readonly id: number;
  readonly operator: OperatorKey;
  /** As the others' relayers know it. */
  readonly identity: LocalIdentity;
  readonly channel: ChannelCaller;
  /** Where a party's peer API is. */
  called(holder: PartyName): Promise<Called>;
  readonly contracts: PlatformContracts;
  readonly domain: LedgerDomain;
  dataset(holder: PartyName): Promise<Hex>;
  /** Opens a session with an allotment of 16 at each holder. */
  openSession(holders: readonly PartyName[], seconds?: number): Promise<Hex>;
  /** A request as it should be, but for what is asked to be otherwise. */
  request(inquiring: Inquiring): Promise<EvaluateRequest>;
  trace(holder: PartyName, session: Hex): Promise<HolderTrace>;
  points(): Promise<bigint>;
  /** Waits until what was sent is mined. */
  mined(sending: Promise<{ readonly hash: string }>): Promise<void>;
}

export interface Reply {
  readonly status: number;
  /** Stable code of a refusal. */
  readonly code: string | undefined;
  readonly text: string;
}

/** The platform's contracts as the Association's governing account calls them; no relayer uses that account. */
export async function governance(net: TestNetwork): Promise<PlatformContracts> {
  const { deployment, state } = net.network;
  const staffKeys = await staffKeysOf(state);
  const { runner } = await createAssociation({ deployment, provider: net.provider, staffKeys });
  return connectContracts(deployment.addresses, runner);
}

/** A bank: it has no data that it must publish before it may ask. */
export async function admitAttacker(net: TestNetwork, name: string): Promise<Attacker> {
  const { deployment } = net.network;
  const key = random(32);
  const operator = createOperatorKey(key);
  const identityKey = generateKeyPair(random);
  const endpoint = "http://127.0.0.1:9";
  const authority = await openCertificateAuthority(net.network.state.authority);
  const asked = { name, organisation: name, publicKey: identityKey.publicKey, endpoint };
  const certificate = await authority.certify(asked);
  const certificateDigest = toHex(certificate.digest);
  const ids = await admitMembers({
    deployment,
    staffKeys: await staffKeysOf(net.network.state),
    members: [{ name, kind: "Bank", endpoint, operatorKey: key, identityKey, certificateDigest }],
    log: () => undefined,
  });
  const id = ids.get(name) ?? 0;
  for (const member of net.network.members) {
    await net.wait(`${member.party.name} to know ${name}`, async () => {
      const { items } = (await member.client.get("admin", "/v1/members")) as {
        items: { id: number; status: string }[];
      };
      return items.some((each) => each.id === id && each.status === "Active") ? true : undefined;
    });
  }
  const identity = { member: id, key: identityKey, certificate };
  const channel = createChannelCaller({
    self: identity,
    network: { chainId: deployment.chainId, memberRegistry: deployment.addresses.memberRegistry },
    trust: await readTrust(net.network.state.party("alpha").trust),
  });
  const contracts = connectContracts(deployment.addresses, new NonceManager(new Wallet(toHex(key), net.provider)));
  const ledger = net.contracts.queryLedger;
  const domain = ledgerDomain(deployment);
  const mined = async (sending: Promise<{ readonly hash: string }>): Promise<void> => {
    await awaitReceipt(net.provider, sending);
  };

  async function dataset(holder: PartyName): Promise<Hex> {
    const { items } = (await net.member(holder).client.get("data_officer", "/v1/datasets")) as {
      items: { id: Hex; holder: string }[];
    };
    const found = items.find((each) => each.holder === holder);
    if (found === undefined) throw new Error(`${holder} has no dataset`);
    return found.id;
  }

  async function openSession(holders: readonly PartyName[], seconds = 3_600): Promise<Hex> {
    const datasets = (await Promise.all(holders.map(dataset))).toSorted();
    const nonce = Buffer.from(random(6)).readUIntBE(0, 6);
    const expiresAt = Number(await net.contracts.emergency.time()) + seconds;
    const session = (await ledger.sessionIdOf(id, nonce)) as Hex;
    await mined(
      contracts.queryLedger.openSession(
        nonce,
        datasets,
        datasets.map(() => 16),
        expiresAt,
      ),
    );
    return session;
  }

  async function request({ session, holder, lane = 0, head, change, signer, ...rest }: Inquiring) {
    const inquiry: Inquiry = {
      session: fromHex(session, 32),
      dataset: fromHex(await dataset(holder), 32),
      epoch: Number(await net.contracts.platformParameters.currentEpoch()),
      lane,
      salt: random(32),
      purpose: "CREDIT_GRANTING",
      consent: random(32),
      elements: rest.elements ?? blinded(1),
      ...change,
    };
    const start = { count: 0, transcript: initialTranscript(inquiry.session, inquiry.dataset, inquiry.lane) };
    return composeRequest(inquiry, head ?? start, domain, (signer ?? operator).sign);
  }

  return {
    id,
    operator,
    identity,
    channel,
    called: async (holder) => ({ member: await net.memberId(holder), url: net.member(holder).peerUrl }),
    contracts,
    domain,
    dataset,
    openSession,
    request,
    async trace(holder, session) {
      const db = net.database(holder);
      const lanes = await db
        .selectFrom("holder_lanes")
        .select(["dataset", "lane", "count", "transcript", "response"])
        .where("session", "=", session)
        .orderBy("lane")
        .execute();
      const { requests } = await db
        .selectFrom("holder_requests")
        .select((eb) => eb.fn.countAll<string>().as("requests"))
        .where("session", "=", session)
        .executeTakeFirstOrThrow();
      const { settled } = await ledger.getAllotment(session, await dataset(holder));
      return { lanes, requests: Number(requests), settled };
    },
    points: () => net.contracts.points.pointsOf(id),
    mined,
  };
}

/** Elements as an honest client makes them. */
export function blinded(count: number): Element[] {
  return Array.from({ length: count }, () =>
    ristretto255Sha512.blind(random(16), ristretto255Sha512.randomScalar(random)),
  );
}

/** Posts to a holder's peer API over the attacker's channel. A request object is encoded, a string is sent as it is. */
export async function evaluateAt(
  { channel, called }: Pick<Attacker, "channel" | "called">,
  holder: PartyName,
  request: EvaluateRequest | RequestWire | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const body =
    typeof request === "string"
      ? request
      : JSON.stringify(typeof request.session === "string" ? request : encodeRequest(request as EvaluateRequest));
  return replyOf(channel.send(await called(holder), { method: "POST", path: EVALUATE, body, headers: { ...headers } }));
}

export async function replyOf(sending: Promise<Response>): Promise<Reply> {
  const response = await sending;
  const text = await response.text();
  let code: string | undefined;
  try {
    code = (JSON.parse(text) as { code?: string }).code;
  } catch {
    code = undefined;
  }
  return { status: response.status, code, text };
}

/** "409 VOUCHER_FORKED", or "200". */
export function said({ status, code }: Reply): string {
  return code === undefined ? String(status) : `${String(status)} ${code}`;
}
