/**
 * Administration of one relayer, in the environment that the relayer itself runs in.
 *
 *   node relayer/cli.ts token create --role credit_officer --label "credit desk"
 *   node relayer/cli.ts token list
 *   node relayer/cli.ts token revoke <id>
 *   node relayer/cli.ts audit verify
 *   node relayer/cli.ts identity create
 *   node relayer/cli.ts identity list
 *   node relayer/cli.ts statistics import --record record.json --share share-2.sealed.json --dealer dealer-public.pem
 *   node relayer/cli.ts doctor
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

import { Command, Option } from "commander";
import type { Transaction } from "kysely";

import { toHex } from "../protocol/encoding/bytes.ts";
import { privateKeyFromPem, publicKeyFromPem, publicKeyToPem } from "../protocol/sm/sm2-key-pem.ts";
import { Fault, isFault, type Language } from "../protocol/errors/fault.ts";
import { createChainView } from "./chain/create-chain-view.ts";
import { readDeployment } from "./chain/deployment.ts";
import { createOperatorKey } from "./chain/operator-key.ts";
import { createProvider } from "./chain/provider.ts";
import { loadConfig, loadSettings } from "./config/config.ts";
import { examine } from "./doctor.ts";
import { ROLES, type Role } from "./http/role.ts";
import { readKeyFile } from "./keys/key-file.ts";
import { createKeyStore } from "./keys/key-store.ts";
import { verifyAuditAnchors } from "./services/audit/audit-anchor.ts";
import { importKeyShare } from "./services/statistics/import-key-share.ts";
import { createAuditLog } from "./store/audit-log.ts";
import { migrate, openDatabase } from "./store/database.ts";
import type { Database } from "./store/schema.ts";
import { createTokens, type Tokens } from "./store/tokens.ts";

const clock = (): Date => new Date();
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const language: Language = /^zh/.test(process.env["LC_ALL"] ?? process.env["LANG"] ?? "") ? "zh" : "en";

/** Who is at the command line is known to the machine, not to the relayer. */
const ACTOR = "command line";

async function withTokens(
  work: (tokens: Tokens, audited: (action: string, subjectId: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const db = openDatabase(loadSettings(process.env, ["databaseUrl"]).databaseUrl, { max: 2 });
  try {
    await migrate(db);
    const audit = createAuditLog(db, clock, random);
    await db.transaction().execute(async (trx: Transaction<Database>) => {
      await work(createTokens(trx, clock, random), async (action, subjectId) => {
        await audit.append(trx, { actor: ACTOR, action, subjectId });
      });
    });
  } finally {
    await db.destroy();
  }
}

const program = new Command("riskveil-relayer").description("Administration of one relayer");
const token = program.command("token").description("bearer tokens of the member API");

token
  .command("create")
  .description("make a token; it is shown once")
  .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
  .requiredOption("--label <label>", "whose it is")
  .action((options: { role: Role; label: string }) =>
    withTokens(async (tokens, audited) => {
      const made = await tokens.create(options);
      await audited("token.create", made.id);
      process.stdout.write(`${made.token}\n`);
      process.stderr.write(`token ${made.id} (${options.role}); it cannot be shown again\n`);
    }),
  );

token
  .command("list")
  .description("tokens there are, without the tokens themselves")
  .action(() =>
    withTokens(async (tokens) => {
      for (const each of await tokens.list()) {
        const state = each.revokedAt === null ? "active" : `revoked ${each.revokedAt.toISOString()}`;
        const used = each.lastUsedAt?.toISOString() ?? "never";
        process.stdout.write([each.id, each.role, each.label, state, `last used ${used}`].join("\t") + "\n");
      }
    }),
  );

token
  .command("revoke <id>")
  .description("refuse a token from now on")
  .action((id: string) =>
    withTokens(async (tokens, audited) => {
      await tokens.revoke(id);
      await audited("token.revoke", id);
    }),
  );

const identity = program.command("identity").description("SM2 keys by which the other members know this one");
const keyStore = () => createKeyStore(loadSettings(process.env, ["keyDir"]).keyDir, random);

identity
  .command("create")
  .description("make the next key, to be presented on chain and certified; the one in use stays in use until then")
  .action(async () => {
    const keys = keyStore();
    const key = (await keys.identityKeys()).length === 0 ? await keys.identityKey() : await keys.nextIdentityKey();
    process.stdout.write(publicKeyToPem(key.publicKey));
  });

identity
  .command("list")
  .description("public keys there are, x and y as the member registry has them")
  .action(async () => {
    for (const { publicKey } of await keyStore().identityKeys()) {
      process.stdout.write(`${toHex(publicKey.subarray(1, 33))}\t${toHex(publicKey.subarray(33))}\n`);
    }
  });

program
  .command("statistics")
  .description("this node's part in private statistics")
  .command("import")
  .description("take over the key share of a ceremony; prints the key's digest and the share's number")
  .requiredOption("--record <file>", "the ceremony's record")
  .requiredOption("--share <file>", "this member's sealed share")
  .requiredOption("--dealer <file>", "the dealer's public key, PEM, as told on another way")
  .option("--key <file>", "the SM2 key that the share is sealed for, PEM; this relayer's own unless given")
  .option("--rehearsal", "the record is a rehearsal's", false)
  .action(async (options: { record: string; share: string; dealer: string; key?: string; rehearsal: boolean }) => {
    const { keyDir } = loadSettings(process.env, ["keyDir"]);
    const { record, share: sealed, rehearsal } = options;
    const dealer = publicKeyFromPem(await readFile(options.dealer, "utf8"));
    const identities = options.key === undefined ? await keyStore().identityKeys() : [await readPem(options.key)];
    const imported = await importKeyShare({ record, sealed, dealer, rehearsal, identities, keyDir }, random);
    process.stdout.write(`${imported.key}\t${String(imported.index)}\n`);
  });

async function readPem(file: string) {
  const text = await readKeyFile(file);
  if (text === undefined) throw new Fault("CEREMONY_FILE_INVALID", { file });
  return privateKeyFromPem(text);
}

program
  .command("audit")
  .description("the local audit log")
  .command("verify")
  .description("recompute its chain and compare it with what was anchored on chain")
  .action(async () => {
    const config = loadConfig(process.env);
    const db = openDatabase(config.databaseUrl, { max: 2 });
    const deployment = await readDeployment(config.deploymentFile);
    const provider = createProvider(config.rpcUrl, deployment.chainId);
    try {
      const key = await createKeyStore(config.keyDir, random).operatorKey();
      const operator = createOperatorKey(key).address;
      const chain = createChainView({ provider, deployment, operator, clock });
      const { sequence } = await createAuditLog(db, clock, random).verify();
      const anchors = await verifyAuditAnchors({ db, chain });
      process.stdout.write(
        `${String(sequence)} entries hold together; ${String(anchors)} anchors on chain open to them\n`,
      );
    } finally {
      provider.destroy();
      await db.destroy();
    }
  });

program
  .command("doctor")
  .description("say what is wrong with this relayer's configuration or surroundings")
  .action(async () => {
    const findings = await examine(loadConfig(process.env), language);
    for (const { ok, subject, remark } of findings) {
      process.stdout.write(`${ok ? "ok  " : "FAIL"}  ${subject}: ${remark}\n`);
    }
    if (!findings.every(({ ok }) => ok)) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  const said = isFault(error)
    ? `${error.code}: ${error.title(language)}\n${error.remedy(language)}`
    : error instanceof Error
      ? error.message || error.name
      : "unknown error";
  process.stderr.write(`${said}\n`);
  process.exitCode = 1;
}
