/** What a member does for itself: apply, show its keys, change its endpoint and its operators. */
import { isAddress } from "ethers";

import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { Sm2KeyPair } from "../../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { sign } from "../../../protocol/sm/sm2-signature.ts";
import { MEMBER_KINDS } from "../../../relayer/chain/codes.ts";
import { createKeyStore, type KeyStore } from "../../../relayer/keys/key-store.ts";
import { randomSource } from "../../governance/random-source.ts";
import type { Plan } from "../plan.ts";
import type { Session } from "../session.ts";
import { invalid, required } from "../words/amounts.ts";
import { planOf } from "../platform-call.ts";

export async function apply(
  session: Session,
  args: { readonly name: string; readonly kind?: string; readonly endpoint?: string },
): Promise<Plan> {
  const kind = kindNumber(required("--kind", args.kind));
  return await planOf(session, "direct", "memberRegistry", "apply_", [
    [kind, args.name, required("--endpoint", args.endpoint)],
  ]);
}

/** `securities-firm`, `SecuritiesFirm`, `securitiesfirm`. @throws Fault ARGUMENT_INVALID */
export function kindNumber(given: string): number {
  const wanted = given.replaceAll("-", "").toLowerCase();
  const kind = MEMBER_KINDS.findIndex((name) => name.toLowerCase() === wanted);
  if (kind < 1) throw invalid("--kind", given, MEMBER_KINDS.slice(1).join(", "));
  return kind;
}

interface IdentityArguments {
  readonly identity?: string;
}

export async function presentKey(session: Session, args: IdentityArguments): Promise<Plan> {
  const [store, directory] = await identityStore(session, args);
  const key = await store.findIdentityKey();
  if (key === undefined) throw new Fault("KEY_DIRECTORY_EMPTY", { file: `${directory}/identity.json` });
  return await presentation(session, key);
}

/** The next key is drawn when it is sent; a trial shows the call with a key that is thrown away. */
export async function rotate(session: Session, args: IdentityArguments): Promise<Plan> {
  const [store, directory] = await identityStore(session, args);
  const known = await store.findNextIdentityKey();
  const key = known ?? (session.sending ? await store.nextIdentityKey() : generateKeyPair(randomSource));
  const plan = await presentation(session, key);
  const file = `${directory}/identity-next.json`;
  const remark = {
    en: `The next key is in ${file}. Once it is certified, switch to it (member switch-key); the key before it stays valid for seven days.`,
    zh: `下一密钥保存在 ${file}。登记证书后请切换（member switch-key），原密钥在七日内继续有效。`,
  };
  return { ...plan, afterwards: () => Promise.resolve([remark]) };
}

async function identityStore(session: Session, { identity }: IdentityArguments): Promise<[KeyStore, string]> {
  const directory = required("--identity", identity ?? (await session.account()).keys);
  return [createKeyStore(directory, randomSource), directory];
}

async function presentation(session: Session, key: Sm2KeyPair): Promise<Plan> {
  const [{ contracts }, { address }] = [await session.platform(), await session.account()];
  const [x, y] = [toHex(key.publicKey.slice(1, 33)), toHex(key.publicKey.slice(33))];
  const digest = await contracts.members.possessionDigest(address, x, y);
  const possession = toHex(sign(key, new Uint8Array(Buffer.from(digest.slice(2), "hex")), randomSource));
  const plan = await planOf(session, "direct", "memberRegistry", "presentKey", [[x, y, possession]]);
  return { ...plan, facts: { key: { x, y } } };
}

export async function setEndpoint(session: Session, args: { readonly endpoint: string }): Promise<Plan> {
  return await planOf(session, "direct", "memberRegistry", "setEndpoint", [[args.endpoint]]);
}

export async function nominate(session: Session, args: { readonly account: string }): Promise<Plan> {
  return await planOf(session, "direct", "memberRegistry", "nominateOperator", [[accountAddress(args.account)]]);
}

export async function acceptNomination(session: Session, args: { readonly member: string }): Promise<Plan> {
  const { id } = (await session.names()).findMember(args.member);
  return await planOf(session, "direct", "memberRegistry", "acceptNomination", [[id]]);
}

export async function retire(session: Session, args: { readonly account: string }): Promise<Plan> {
  return await planOf(session, "direct", "memberRegistry", "retireOperator", [[accountAddress(args.account)]]);
}

/** @throws Fault ACCOUNT_ADDRESS_INVALID */
export function accountAddress(given: string): Hex {
  if (!isAddress(given)) throw new Fault("ACCOUNT_ADDRESS_INVALID", { given });
  return given.toLowerCase() as Hex;
}
