import { Fault } from "../../../protocol/errors/fault.ts";
import { verificationText } from "../../evidence/verification-text.ts";
import { EXIT_CODES, verifyFile } from "../../evidence/verify-file.ts";
import type { Json, Report } from "../report.ts";
import type { Session } from "../session.ts";
import { required } from "../words/amounts.ts";

/**
 * Against the contracts of the deployment file, so that a package cannot name contracts of its own. Exit code 1 if the package
 * is refuted, 2 if that could not be found out.
 * @throws Fault DOCUMENT_UNREADABLE
 */
export async function verify(
  session: Session,
  args: { readonly file: string; readonly unpinned?: boolean; readonly rpc?: string },
): Promise<Report> {
  const [rpcUrl, trusted] = await whereAndWhom(session, args);
  const found = await verifyFile(args.file, rpcUrl, trusted).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOENT" || code === "EACCES" ? new Fault("DOCUMENT_UNREADABLE", { file: args.file }, error) : error;
  });
  const { report, pinned } = found;
  if (EXIT_CODES[report.verdict] > 1) process.exitCode = EXIT_CODES[report.verdict];
  return {
    json: JSON.parse(JSON.stringify({ ...report, pinned })) as Json,
    text: (language) => verificationText(found, language).trimEnd(),
    success: report.verdict !== "refuted",
  };
}

async function whereAndWhom(
  session: Session,
  { unpinned = false, rpc }: { readonly unpinned?: boolean; readonly rpc?: string },
): Promise<[string, Parameters<typeof verifyFile>[2]]> {
  if (unpinned) return [required("--rpc", rpc ?? process.env["RISKVEIL_RPC_URL"]), {}];
  const { rpcUrl, addresses } = (await session.platform()).deployment;
  const { queryLedger: ledger, datasetRegistry: datasets, memberRegistry: members } = addresses;
  const { algorithmNodes: nodes, keyRounds: rounds, consortiumTables: editions } = addresses;
  return [rpcUrl, { ledger, datasets, members, nodes, rounds, editions }];
}
