import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { privateKeyToPem, publicKeyFromPem, publicKeyToPem } from "../../protocol/sm/sm2-key-pem.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { readStatisticsKeyShare } from "../../relayer/keys/statistics-key-share.ts";
import { createTokens } from "../../relayer/store/tokens.ts";
import { dealer, held, holders, testKey } from "../protocol/ceremony/fixtures.ts";
import { testDatabase, type TestDatabase } from "../support/postgres.ts";

const CLI = resolve(import.meta.dirname, "../../relayer/cli.ts");

describe("relayer command line", function () {
  this.timeout(240_000);
  let database: TestDatabase;
  let home: string;

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const env = {
      PATH: process.env["PATH"],
      LANG: "C",
      DATABASE_URL: database.url,
      RISKVEIL_NAME: "test",
      RISKVEIL_DEPLOYMENT: join(home, "deployment.json"),
      RISKVEIL_DATA_DIR: join(home, "data"),
      RISKVEIL_KEY_DIR: join(home, "keys"),
      RISKVEIL_CERTIFICATE: join(home, "certificate.pem"),
      RISKVEIL_TRUST_DIR: join(home, "trust"),
    };
    const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, out, err };
  }

  before(async () => {
    database = await testDatabase();
    home = mkdtempSync(join(tmpdir(), "riskveil-cli-"));
    mkdirSync(join(home, "data"));
    mkdirSync(join(home, "keys"), { mode: 0o700 });
  });
  after(async () => {
    await database.close();
    rmSync(home, { recursive: true, force: true });
  });

  it("makes, lists and revokes tokens, and records it", async () => {
    const made = await run("token", "create", "--role", "auditor", "--label", "audit desk");
    expect(made.code, made.err).to.equal(0);
    const token = made.out.trim();
    const tokens = createTokens(
      database.db,
      () => new Date(),
      () => new Uint8Array(),
    );
    const caller = await tokens.authenticate(token);
    expect(caller).to.include({ role: "auditor", label: "audit desk" });
    const listed = await run("token", "list");
    expect(listed.out)
      .to.include(`${caller?.tokenId ?? ""}\tauditor\taudit desk\tactive`)
      .and.not.to.include(token);
    expect((await run("token", "revoke", caller?.tokenId ?? "")).code).to.equal(0);
    expect(await tokens.authenticate(token)).to.equal(undefined);
    const entries = await database.db.selectFrom("audit_log").select("action").orderBy("sequence").execute();
    expect(entries.map(({ action }) => action)).to.deep.equal(["token.create", "token.revoke"]);
  });

  it("refuses what it does not know, with a code and without a trace", async () => {
    const unknown = await run("token", "revoke", "nonsense");
    expect(unknown.code).to.equal(1);
    expect(unknown.err).to.include("TOKEN_UNKNOWN").and.not.to.include(" at ");
    expect((await run("token", "create", "--role", "king", "--label", "x")).code).to.equal(1);
  });

  it("makes SM2 keys and lists them, by their public half", async () => {
    const made = await run("identity", "create");
    expect(made.code, made.err).to.equal(0);
    const again = await run("identity", "create");
    const keys = await createKeyStore(join(home, "keys"), () => expect.fail("none is made")).identityKeys();
    expect([made.out, again.out].map((text) => toHex(publicKeyFromPem(text)))).to.have.members(
      keys.map(({ publicKey }) => toHex(publicKey)),
    );
    const listed = await run("identity", "list");
    expect(listed.out.trim().split("\n")).to.have.lengthOf(2);
    for (const { publicKey, secretKey } of keys) {
      expect(listed.out).to.include(`${toHex(publicKey.slice(1, 33))}\t${toHex(publicKey.slice(33))}`);
      for (const { out } of [made, again, listed]) expect(out).not.to.include(toHex(secretKey).slice(2));
    }
  });

  it("takes over a key share from the ceremony's files, once, and no other's", async () => {
    const { record, sealed } = held();
    const file = (name: string, content: string): string => {
      const path = join(home, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    const options = [
      ...["--record", file("record.json", JSON.stringify(record)), "--rehearsal"],
      ...["--dealer", file("dealer.pem", publicKeyToPem(dealer.publicKey))],
      ...["--key", file("holder.pem", privateKeyToPem(holders[1] ?? expect.fail("a holder")))],
    ];
    const share = file("share-2.json", JSON.stringify(sealed[1]));
    const imported = await run("statistics", "import", ...options, "--share", share);
    expect(imported.err).to.equal("");
    expect(imported.out).to.equal(`${toHex(testKey.thresholdKey.digest)}\t2\n`);
    expect((await run("statistics", "import", ...options, "--share", share)).code).to.equal(0);
    const kept = await readStatisticsKeyShare(join(home, "keys"), testKey.thresholdKey);
    expect(kept).to.deep.equal(testKey.keyShares[1]);
    const others = await run(
      ...["statistics", "import", ...options],
      ...["--share", file("share-1.json", JSON.stringify(sealed[0]))],
    );
    expect([others.code, others.out]).to.deep.equal([1, ""]);
    expect(others.err).to.match(/^CEREMONY_SEALED_SHARE_INVALID/);
  });

  it("finds what is wrong, and says what is well", async () => {
    chmodSync(join(home, "keys"), 0o755);
    const { code, out } = await run("doctor");
    expect(code).to.equal(1);
    expect(out).to.match(/^ok +database: /m);
    expect(out).to.match(/^ok +queue: /m);
    expect(out).to.match(/^FAIL +chain: .*deployment/m);
    expect(out).to.match(/^FAIL +keys: .*chmod 700/m);
    expect(out).to.match(/^FAIL +identity: .*deployment/m);
    expect(out).to.match(/^ok +data: /m);
    expect(out).not.to.include(new URL(database.url).password);
  });
});
