import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { certificateToPem, type CertificateDigest } from "../../../../protocol/certificates/certificate.ts";
import type { Authority } from "../../../../protocol/certificates/issue.ts";
import { revocationListToPem } from "../../../../protocol/certificates/revocation-list.ts";
import { toHex } from "../../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import type { MemberInfo } from "../../../../relayer/chain/chain-view.ts";
import { createKeyStore, type KeyStore } from "../../../../relayer/keys/key-store.ts";
import { examineIdentity } from "../../../../relayer/services/channel/examine-identity.ts";
import type { Credential } from "../../../../relayer/services/channel/identity-files.ts";
import {
  createIdentity,
  type Identity,
  type IdentityDependencies,
} from "../../../../relayer/services/channel/identity.ts";
import { randomSource as random } from "../../../../scripts/governance/random-source.ts";
import { certified, revocations, testAuthority, writeCertificates, writeTrust } from "../../../support/identities.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("identity of a relayer", () => {
  const directory = temporaryDirectory();
  const authority: Authority = testAuthority();
  let run = 0;
  let now: number;
  let keys: KeyStore;
  let first: Credential;
  let certificateFile: string;
  let trustDir: string;
  let onChain: CertificateDigest[] | Fault;
  let complaints: string[];
  let identity: Identity;

  const make = (): Identity => {
    const note = ({ code }: { code: string }): unknown => complaints.push(code);
    return createIdentity({
      config: { certificateFile, trustDir },
      keys,
      clock: () => new Date(now * 1000),
      log: { info: () => undefined, warn: note, error: note },
      chain: {
        me: () => Promise.resolve({ id: 7 }),
        certificateDigests: () => (onChain instanceof Fault ? Promise.reject(onChain) : Promise.resolve(onChain)),
      },
    } as unknown as IdentityDependencies);
  };

  beforeEach(async () => {
    now = Math.floor(Date.now() / 1000);
    const home = join(directory, String(run++));
    [certificateFile, trustDir] = [join(home, "certificate.pem"), join(home, "trust")];
    keys = createKeyStore(join(home, "keys"), random);
    first = certified(authority, "firm", await keys.identityKey());
    await writeCertificates(certificateFile, first.certificate);
    await writeTrust(trustDir, authority.certificate, revocations(authority));
    onChain = [first.certificate.digest];
    complaints = [];
    identity = make();
  });

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "none",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );
  const serial = async (): Promise<string> => (await identity.self()).certificate.serial;
  const nothing = { certificate: false, trust: false };

  it("is member, key and certificate, and stays so while nothing changes", async () => {
    const self = await identity.self();
    expect([self.member, self.certificate.serial]).to.deep.equal([7, first.certificate.serial]);
    expect(self.key.publicKey).to.deep.equal(self.certificate.publicKey);
    expect((await identity.trust()).trustList).to.have.lengthOf(1);
    expect([await identity.look(), complaints]).to.deep.equal([nothing, []]);
  });

  it("is none without certificate, without its key, or without anybody to trust; and is looked for again", async () => {
    rmSync(certificateFile);
    expect(await codeOf(identity.self())).to.equal("IDENTITY_CERTIFICATE_MISSING");
    writeFileSync(certificateFile, "no certificate\n");
    expect(await codeOf(identity.self())).to.equal("IDENTITY_CERTIFICATE_MISSING");
    writeFileSync(certificateFile, certificateToPem(first.certificate.der).slice(0, 300));
    expect(await codeOf(identity.self())).to.equal("IDENTITY_CERTIFICATE_MISSING");
    await writeCertificates(certificateFile, certified(authority, "other").certificate);
    expect(await codeOf(identity.self())).to.equal("IDENTITY_KEY_MISSING");
    await writeCertificates(certificateFile, first.certificate);
    rmSync(trustDir, { recursive: true });
    expect(await codeOf(identity.self())).to.equal("TRUST_LIST_EMPTY");
    mkdirSync(trustDir);
    writeFileSync(join(trustDir, "only-a-list.pem"), revocationListToPem(revocations(authority).der));
    expect(await codeOf(identity.self())).to.equal("TRUST_LIST_EMPTY");
    writeFileSync(join(trustDir, "root.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    expect(await codeOf(identity.self())).to.equal("TRUST_FILE_UNUSABLE");
    await writeTrust(trustDir, authority.certificate, revocations(authority));
    expect(await codeOf(identity.self())).to.equal("none");
  });

  it("trusts every authority and list in the directory, several in a file too, and minds no other file", async () => {
    const other = testAuthority(now, "Other Root");
    const bundle = certificateToPem(other.certificate.der) + revocationListToPem(revocations(other).der);
    writeFileSync(join(trustDir, "other.pem"), `Other Root\n${bundle}`);
    writeFileSync(join(trustDir, "README"), "not for the relayer");
    const { trustList, crls } = await identity.trust();
    expect([trustList.length, crls.length]).to.deep.equal([2, 2]);
  });

  it("goes over to a later certificate when it stands on chain, whichever came first", async () => {
    expect(await serial()).to.equal(first.certificate.serial);
    const next = certified(authority, "firm", await keys.nextIdentityKey());
    await writeCertificates(certificateFile, first.certificate, next.certificate);
    expect(await identity.look()).to.deep.equal(nothing);
    expect(await serial()).to.equal(first.certificate.serial);
    onChain = [first.certificate.digest, next.certificate.digest];
    expect(await identity.look()).to.deep.equal({ certificate: true, trust: false });
    expect(await serial()).to.equal(next.certificate.serial);
    expect(await identity.look()).to.deep.equal(nothing);
    // A restart finds the same; and the first one, should the later one be revoked.
    identity = make();
    expect(await serial()).to.equal(next.certificate.serial);
    onChain = [first.certificate.digest];
    expect(await identity.look()).to.deep.equal({ certificate: true, trust: false });
    expect(await serial()).to.equal(first.certificate.serial);
    expect(complaints).to.deep.equal([]);
  });

  it("takes no certificate that its own trust list would refuse", async () => {
    const strange = certified(testAuthority(now, "Nobody"), "firm", await keys.nextIdentityKey());
    await identity.self();
    await writeCertificates(certificateFile, first.certificate, strange.certificate);
    onChain = [first.certificate.digest, strange.certificate.digest];
    expect(await identity.look()).to.deep.equal(nothing);
    expect(await serial()).to.equal(first.certificate.serial);
  });

  it("runs, and says so once, while its certificate is not on chain or the chain does not answer", async () => {
    onChain = [];
    expect(await serial()).to.equal(first.certificate.serial);
    for (let i = 0; i < 3; i += 1) expect(await identity.look()).to.deep.equal(nothing);
    onChain = new Fault("CHAIN_UNREACHABLE");
    for (let i = 0; i < 3; i += 1) expect(await identity.look()).to.deep.equal(nothing);
    expect(complaints).to.deep.equal(["IDENTITY_NOT_REGISTERED", "CHAIN_UNREACHABLE"]);
    expect(await serial()).to.equal(first.certificate.serial);
  });

  it("hears of a new revocation list, and of one that has run out, once each", async () => {
    await identity.trust();
    const list = revocations(authority, [first.certificate.serial], now, { nextUpdate: now + 100 });
    await writeTrust(trustDir, authority.certificate, list);
    expect(await identity.look()).to.deep.equal({ certificate: false, trust: true });
    expect((await identity.trust()).crls[0]?.revoked.size).to.equal(1);
    expect(await identity.look()).to.deep.equal(nothing);
    now += 101;
    expect(await identity.look()).to.deep.equal({ certificate: false, trust: true });
    expect(await identity.look()).to.deep.equal(nothing);
  });

  it("keeps what it had while a file is half written, and says so once", async () => {
    await identity.trust();
    const file = join(trustDir, "root-revocations.pem");
    const whole = revocationListToPem(revocations(authority, [first.certificate.serial]).der);
    writeFileSync(file, whole.slice(0, 120));
    for (let i = 0; i < 3; i += 1) expect(await identity.look()).to.deep.equal(nothing);
    expect((await identity.trust()).crls[0]?.revoked.size).to.equal(0);
    writeFileSync(certificateFile, "");
    for (let i = 0; i < 3; i += 1) expect(await identity.look()).to.deep.equal(nothing);
    expect(await serial()).to.equal(first.certificate.serial);
    expect(complaints).to.deep.equal(["TRUST_FILE_UNUSABLE", "IDENTITY_CERTIFICATE_MISSING"]);
    // The list does not wait for the certificate.
    writeFileSync(certificateFile, "half a cer");
    writeFileSync(file, whole);
    expect(await identity.look()).to.deep.equal({ certificate: false, trust: true });
    expect((await identity.trust()).crls[0]?.revoked.size).to.equal(1);
  });

  describe("as the doctor sees it", () => {
    const examine = () =>
      examineIdentity({
        ...{ certificateFile, trustDir, keys, at: now },
        chain: {
          me: () => Promise.resolve({ id: 7 } as MemberInfo),
          certificateDigests: () => (onChain instanceof Fault ? Promise.reject(onChain) : Promise.resolve(onChain)),
        },
      });

    it("is well when key, certificate, trust and chain agree", async () => {
      const { serial, digest, soon } = await examine();
      expect([serial, digest, soon]).to.deep.equal([first.certificate.serial, toHex(first.certificate.digest), []]);
    });

    it("is not when the chain, the list or the authority says otherwise", async () => {
      onChain = [];
      expect(await codeOf(examine())).to.equal("IDENTITY_NOT_REGISTERED");
      onChain = [first.certificate.digest];
      await writeTrust(trustDir, authority.certificate, revocations(authority, [first.certificate.serial]));
      expect(await codeOf(examine())).to.equal("CERTIFICATE_REVOKED");
      await writeTrust(trustDir, authority.certificate, revocations(authority, [], now - 30 * 86_400));
      expect(await codeOf(examine())).to.equal("REVOCATION_LIST_STALE");
      const other = testAuthority();
      await writeTrust(trustDir, other.certificate, revocations(other));
      expect(await codeOf(examine())).to.equal("CERTIFICATE_ISSUER_UNKNOWN");
      await writeCertificates(certificateFile, certified(authority, "other").certificate);
      expect(await codeOf(examine())).to.equal("IDENTITY_KEY_MISSING");
    });

    it("says what will end soon", async () => {
      const list = revocations(authority, [], now, { nextUpdate: now + 86_400 });
      await writeTrust(trustDir, authority.certificate, list);
      expect((await examine()).soon).to.deep.equal(["list"]);
      await writeTrust(trustDir, authority.certificate, revocations(authority, [], now + 350 * 86_400));
      now += 350 * 86_400;
      expect((await examine()).soon).to.deep.equal(["certificate"]);
    });
  });
});
