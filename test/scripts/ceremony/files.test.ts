import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { z } from "zod";

import { privateKeyToPem, publicKeyToPem } from "../../../protocol/sm/sm2-key-pem.ts";
import { readJson, readPublicKey, readSecretKey, writeJson } from "../../../scripts/ceremony/files.ts";
import { dealer } from "../../protocol/ceremony/fixtures.ts";
import { codeOf } from "./fault-code.ts";

describe("files of a ceremony", () => {
  let directory = "";
  const at = (name: string): string => join(directory, name);
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-test-ceremony-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("are written for their owner alone, and never over another", async () => {
    const file = await writeJson(directory, "a.json", { a: 1 });
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(await codeOf(writeJson(directory, "a.json", { a: 2 }))).to.equal("CEREMONY_FILE_EXISTS");
    expect(await readJson(file, z.strictObject({ a: z.number() }))).to.deep.equal({ a: 1 });
  });

  it("that are missing, no JSON, of another form or very large are refused", async () => {
    const schema = z.strictObject({ a: z.number() });
    await writeFile(at("text"), "no JSON");
    await writeFile(at("other"), '{"b":1}');
    await writeFile(at("large"), `{"a":1${" ".repeat(1_000_000)}}`);
    for (const name of ["missing", "text", "other", "large", "."]) {
      expect(await codeOf(readJson(at(name), schema))).to.equal("CEREMONY_FILE_INVALID");
    }
  });

  it("with a secret key are read only if nobody else can read them", async () => {
    await writeFile(at("key.pem"), privateKeyToPem(dealer), { mode: 0o600 });
    expect(await readSecretKey(at("key.pem"))).to.deep.equal(dealer);
    await writeFile(at("open.pem"), privateKeyToPem(dealer), { mode: 0o644 });
    expect(await codeOf(readSecretKey(at("open.pem")))).to.equal("KEY_FILE_EXPOSED");
    expect(await codeOf(readSecretKey(at("missing.pem")))).to.equal("CEREMONY_FILE_INVALID");
  });

  it("with a public key are read as they are", async () => {
    await writeFile(at("public.pem"), publicKeyToPem(dealer.publicKey));
    expect(await readPublicKey(at("public.pem"))).to.deep.equal(dealer.publicKey);
    expect(await codeOf(readPublicKey(at("missing.pem")))).to.equal("CEREMONY_FILE_INVALID");
    expect(await readFile(at("public.pem"), "utf8")).to.include("PUBLIC KEY");
    expect(await codeOf(readPublicKey(at("text")))).to.equal("SM2_KEY_FILE_INVALID");
  });
});
