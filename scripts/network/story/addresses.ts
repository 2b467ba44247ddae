import type { Network } from "../network.ts";
import type { Terminal } from "../progress.ts";
import type { DemoSubject } from "./ask.ts";
import { here } from "./here.ts";
import { textTable } from "./text-table.ts";

/** Where everything is, and one command to try it with. */
export function showAddresses(network: Network, asked: readonly DemoSubject[], terminal: Terminal): void {
  const rows = network.members.map(({ party, client, peerUrl, logFile }) => [
    party.title,
    client.url,
    `${client.url}/docs`,
    peerUrl,
    here(logFile),
  ]);
  terminal.line();
  for (const line of textTable(["party", "member API", "documentation", "peer API", "log"], rows))
    terminal.line(`  ${line}`);
  terminal.line(`  chain ${network.rpcUrl}, query ledger ${network.deployment.addresses.queryLedger}`);
  terminal.line();
  terminal.line("Ask by yourself:");
  for (const line of curlOf(network, asked)) terminal.line(line);
  terminal.line();
  terminal.line("Ctrl-C stops everything; npm start brings it back; npm start -- --fresh forgets it.");
}

/** The token stays in its file, so that no terminal and no shell history has it. */
function curlOf(network: Network, [subject]: readonly DemoSubject[]): string[] {
  const querier = network.member("alpha");
  const tokens = here(network.state.party("alpha").tokens);
  const body = {
    subjects: [
      { scheme: subject?.scheme ?? "", number: subject?.number ?? "", authorisation: subject?.authorisation ?? "" },
    ],
    purpose: "CREDIT_GRANTING",
    mode: "both",
  };
  return [
    `  curl -s ${querier.client.url}/v1/queries -H 'content-type: application/json' -H 'prefer: wait=20' \\`,
    `    -H "authorization: Bearer $(sed -n 's/.*"credit_officer": "\\([^"]*\\)".*/\\1/p' '${tokens}')" \\`,
    `    -d '${JSON.stringify(body)}'`,
  ];
}
