/**
 * Who this relayer is to the others, and whose certificates it takes: read from files, and again whenever they change, so that
 * neither a new certificate nor a new revocation list needs a restart.
 *
 * Of several certificates in the file the last usable one counts: its key is here, its digest stands on chain for this member,
 * and it is in force by the relayer's own trust list. So a key is replaced without a gap: the new certificate is put into the file
 * at any time, and taken up when the Association has recorded it. What cannot be read leaves what was read before in its place.
 */
import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { validateChain, type Trust } from "../../../protocol/certificates/validate-chain.ts";
import type { LocalIdentity } from "../../../protocol/channel/parties.ts";
import type { RelayerContext } from "../../context.ts";
import { pemFiles, readCredentials, readTrust, versionOf, type Credential } from "./identity-files.ts";

export type IdentityDependencies = Pick<RelayerContext, "chain" | "keys" | "clock" | "log"> & {
  readonly config: Pick<RelayerContext["config"], "certificateFile" | "trustDir">;
};

export interface Changes {
  /** Another certificate speaks for this relayer from now on. */
  readonly certificate: boolean;
  /** Trust list or revocation lists are others, or one has run out. */
  readonly trust: boolean;
}

export interface Identity {
  /** @throws Fault of readCredentials and readTrust at the first call, CHAIN_UNREACHABLE, OPERATOR_WITHOUT_MEMBER */
  self(): Promise<LocalIdentity>;
  /** @throws Fault of readTrust at the first call */
  trust(): Promise<Trust>;
  /** Looks at the files. Never throws: what is wrong is logged once. */
  look(): Promise<Changes>;
}

interface State {
  readonly trust: Trust;
  readonly credentials: readonly Credential[];
  readonly current: Credential;
}

export function createIdentity(ctx: IdentityDependencies): Identity {
  const { certificateFile, trustDir } = ctx.config;
  let loading: Promise<State> | undefined;
  let seen = { certificate: "", trust: "" };
  let complaint = "";
  let freshUntil = Infinity;

  const now = (): number => ctx.clock().getTime() / 1000;
  const trustVersion = async (): Promise<string> => await versionOf([trustDir, ...(await pemFiles(trustDir))]);

  async function load(): Promise<State> {
    seen = { certificate: await versionOf([certificateFile]), trust: await trustVersion() };
    const trust = await readTrust(trustDir);
    freshUntil = earliestEnd(trust, now());
    const credentials = await readCredentials(certificateFile, ctx.keys);
    // Before its certificate is recorded a relayer runs, and is refused by the others.
    const current = (await usable(credentials, trust)) ?? credentials.at(-1);
    if (!current) throw new Fault("IDENTITY_KEY_MISSING", { file: certificateFile });
    return { trust, credentials, current };
  }

  async function state(): Promise<State> {
    const started = (loading ??= load());
    started.catch(() => {
      if (loading === started) loading = undefined;
    });
    return await started;
  }

  /**
   * The last usable credential; undefined if there is none, or the chain does not answer.
   * @param proven found in force already: that costs two signatures
   */
  async function usable(
    credentials: readonly Credential[],
    trust: Trust,
    proven?: Credential,
  ): Promise<Credential | undefined> {
    try {
      const { id: member } = await ctx.chain.me();
      const registered = await ctx.chain.certificateDigests(member);
      const found = credentials.findLast((credential) => {
        const { certificate } = credential;
        const stands = registered.some((digest) => bytesEqual(digest, certificate.digest));
        return stands && (credential === proven || inForce(certificate, trust));
      });
      if (found) complaint = "";
      else complain(new Fault("IDENTITY_NOT_REGISTERED", { file: certificateFile, member }));
      return found;
    } catch (error) {
      if (!isFault(error)) throw error;
      complain(error);
      return undefined;
    }
  }

  function inForce(certificate: Credential["certificate"], trust: Trust): boolean {
    try {
      validateChain({ ...trust, certificate, at: now() });
      return true;
    } catch (error) {
      if (!isFault(error)) throw error;
      return false;
    }
  }

  /** Once for each thing that is wrong, and again after something else was. */
  function complain(fault: Fault): void {
    const said = `${fault.code} ${JSON.stringify(fault.values)}`;
    if (said === complaint) return;
    complaint = said;
    ctx.log.warn({ code: fault.code, values: fault.values }, "identity of this relayer");
  }

  async function look(): Promise<Changes> {
    const before = await state();
    const trust = await again("trust", trustVersion, before.trust, () => readTrust(trustDir));
    const credentials = await again(
      "certificate",
      () => versionOf([certificateFile]),
      before.credentials,
      () => readCredentials(certificateFile, ctx.keys),
    );
    const ran = now() > freshUntil;
    if (ran || trust !== before.trust) freshUntil = earliestEnd(trust, now());
    const unchanged = trust === before.trust && credentials === before.credentials;
    const found = await usable(credentials, trust, unchanged ? before.current : undefined);
    const current = found ?? before.current;
    loading = Promise.resolve({ trust, credentials, current });
    const certificate = !bytesEqual(current.certificate.digest, before.current.certificate.digest);
    if (certificate) ctx.log.info({ serial: current.certificate.serial }, "another certificate is in use");
    return { certificate, trust: ran || trust !== before.trust };
  }

  /** What `read` gives if the files changed; what was there before if they did not, or cannot be read as they are now. */
  async function again<T>(
    what: keyof typeof seen,
    version: () => Promise<string>,
    before: T,
    read: () => Promise<T>,
  ): Promise<T> {
    try {
      const found = await version();
      if (found === seen[what]) return before;
      seen = { ...seen, [what]: found };
      return await read();
    } catch (error) {
      if (!isFault(error)) throw error;
      complain(error);
      return before;
    }
  }

  return {
    async self() {
      const { current } = await state();
      return { member: (await ctx.chain.me()).id, ...current };
    },
    trust: async () => (await state()).trust,
    look: () =>
      look().catch((error: unknown) => {
        if (isFault(error)) complain(error);
        else ctx.log.error({ err: error }, "identity of this relayer");
        return { certificate: false, trust: false };
      }),
  };
}

/** When the next revocation list runs out; those that have are no news. */
function earliestEnd({ crls }: Trust, at: number): number {
  return Math.min(Infinity, ...crls.map(({ nextUpdate }) => nextUpdate).filter((end) => end >= at));
}
