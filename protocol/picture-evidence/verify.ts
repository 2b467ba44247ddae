/**
 * Checks the evidence of an overall picture against the chain. It trusts the chain that it is given and nothing in the package;
 * no relayer, no key and no clock is needed.
 *
 * What a verified package shows: on this chain, this querier asked these nodes about this subject under a committed
 * authorisation; enough of them evaluated it, located its row and decrypted with the shares that the chain knows; and the edition's table, as
 * published, holds exactly these sums for it, or no row. What it cannot show, besides what `../evidence/verify.ts` says of
 * every package: that contributors told the truth (who encrypts something else than its records shows in an audit), and that
 * the querier read the newest edition (the report says which there was).
 */
import type { Hex } from "../encoding/bytes.ts";
import { createCheckRun, requireComputed, requireThat, type CheckRun } from "../evidence/check-run.ts";
import { reportOf, type VerificationReport } from "../evidence/report.ts";
import { checkAnchored, checkSeal, subjectOf, verifyAnchors, verifyAskedTime } from "../evidence/verify-query.ts";
import { NODE_SERVICES } from "../key-round/round.ts";
import type { Exchange } from "../oblivious-lookup/leaf.ts";
import type { PictureChainFacts } from "./chain-facts.ts";
import { pictureEvidenceSchema, type PictureEvidence } from "./package.ts";
import { verifyEditionTime, type PictureTimes } from "./times.ts";
import { verifyEdition } from "./verify-edition.ts";
import { verifyNode, type VerifiedPart } from "./verify-node.ts";
import { verifyEvaluation, verifyPicture } from "./verify-picture.ts";

/** Never throws: what is wrong with the package, or unreadable on the chain, is in the report. */
export async function verifyPictureEvidence(
  pkg: unknown,
  facts: PictureChainFacts,
): Promise<VerificationReport<PictureTimes>> {
  const run = createCheckRun(facts);
  const parse = () => requireComputed(() => pictureEvidenceSchema.parse(pkg), "NOT_THE_FORMAT");
  const read = await run.check("FORMAT", [], parse);
  return reportOf(run.made, read ? await verifyContent(run, read) : {});
}

async function verifyContent(run: CheckRun<PictureChainFacts>, pkg: PictureEvidence): Promise<PictureTimes> {
  await run.check("CHAIN", [], () => checkChain(run, pkg));
  const subject = await run.check("SUBJECT", [], () => subjectOf(pkg.query));
  await run.check("COVERAGE", [], () => {
    const services = pkg.exchanges.map(({ dataset }) => dataset);
    checkAnchored(services, [], pkg.anchors);
  });
  const edition = await verifyEdition(run, pkg.picture);
  const parts: VerifiedPart[] = [];
  let y: Uint8Array | undefined;
  for (const service of NODE_SERVICES) {
    for (const exchange of pkg.exchanges.filter((each) => each.service === service)) {
      parts.push(await verifyNode(run.about(exchange.dataset), pkg, exchange, { subject, y }, edition));
    }
    if (service === "evaluation") y = await verifyEvaluation(run, pkg.picture, subject, edition, parts);
  }
  await verifyPicture(run, pkg.picture, y, edition, parts);
  const known = new Map<Hex, Exchange>();
  for (const { service, exchange } of parts) if (exchange) known.set(service, exchange);
  const anchored = await verifyAnchors(run, pkg, known);
  const dated = parts.map((part) => ({ ...part, anchor: anchored.get(part.service) }));
  const decrypted = dated.filter(({ use }) => use === "query").map(({ anchor }) => anchor);
  const times = await verifyEditionTime(run, pkg.picture, edition.published, decrypted);
  const asked = await verifyAskedTime(run, pkg.query, dated);
  await run.check("SEAL", [], () => checkSeal(run, pkg));
  return { ...(times && { edition: times }), ...(asked && { asked }) };
}

async function checkChain(run: CheckRun<PictureChainFacts>, { chain }: PictureEvidence): Promise<void> {
  requireThat((await run.chain.chainId()) === chain.chainId, "OTHER_CHAIN");
  const { contracts } = run.chain;
  const same =
    contracts.queryLedger === chain.queryLedger &&
    contracts.memberRegistry === chain.memberRegistry &&
    contracts.algorithmNodes === chain.algorithmNodes &&
    contracts.keyRounds === chain.keyRounds &&
    contracts.consortiumTables === chain.consortiumTables;
  requireThat(same, "OTHER_CONTRACTS");
  requireThat((await run.chain.instanceSalt()) === chain.instanceSalt, "OTHER_INSTANCE");
}
