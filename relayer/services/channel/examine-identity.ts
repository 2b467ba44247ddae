/** What a relayer's own certificate would be told by the others, for the doctor: nothing is changed, nobody is asked but the chain. */
import { bytesEqual, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { validateChain } from "../../../protocol/certificates/validate-chain.ts";
import type { ChainView } from "../../chain/chain-view.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import { readCredentials, readTrust } from "./identity-files.ts";

const DAY = 86_400;
/** So long before a list or a certificate ends, the next one should be there. */
const SOON_DAYS = { list: 2, certificate: 30 };

export interface IdentityQuestion {
  readonly certificateFile: string;
  readonly trustDir: string;
  readonly keys: Pick<KeyStore, "identityKeys">;
  readonly chain: Pick<ChainView, "me" | "certificateDigests">;
  /** Unix seconds. */
  readonly at: number;
}

export interface IdentityReport {
  /** SM3 of the certificate that is in use, as it stands on chain. */
  readonly digest: Hex;
  readonly serial: Hex;
  /** What will stop working soon; empty if nothing will. */
  readonly soon: readonly ("list" | "certificate")[];
}

/**
 * @throws Fault of readCredentials, readTrust and validateChain, IDENTITY_NOT_REGISTERED, OPERATOR_WITHOUT_MEMBER, CHAIN_UNREACHABLE
 */
export async function examineIdentity(question: IdentityQuestion): Promise<IdentityReport> {
  const { certificateFile: file, trustDir, keys, chain, at } = question;
  const credentials = await readCredentials(file, keys);
  const trust = await readTrust(trustDir);
  const { id: member } = await chain.me();
  const registered = await chain.certificateDigests(member);
  const found = credentials.findLast(({ certificate }) =>
    registered.some((digest) => bytesEqual(digest, certificate.digest)),
  );
  if (!found) throw new Fault("IDENTITY_NOT_REGISTERED", { file, member });
  const { certificate } = found;
  validateChain({ ...trust, certificate, at });
  const soon: ("list" | "certificate")[] = [];
  if (trust.crls.some(({ nextUpdate }) => nextUpdate - at < SOON_DAYS.list * DAY)) soon.push("list");
  if (certificate.notAfter - at < SOON_DAYS.certificate * DAY) soon.push("certificate");
  return { digest: toHex(certificate.digest), serial: certificate.serial, soon };
}
