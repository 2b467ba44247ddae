/** The second half of the story: the overall picture of the same investors, without learning who knows them. */
import { waitForFirstEdition } from "../load/first-edition.ts";
import type { Member, Network } from "../network.ts";
import type { Terminal } from "../progress.ts";
import { ask, type Asked, type DemoSubject } from "./ask.ts";
import { verifiedEvidence } from "./evidence.ts";
import { here } from "./here.ts";
import { holdersSaw } from "./holders-saw.ts";
import { textTable } from "./text-table.ts";

export interface PictureOptions {
  readonly network: Network;
  readonly querier: string;
  readonly subjects: readonly DemoSubject[];
  readonly subjectsPerMember: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export async function tellPicture(options: PictureOptions): Promise<void> {
  const { network, subjects, subjectsPerMember, terminal, signal } = options;
  const querier = network.member(options.querier as Parameters<Network["member"]>[0]);
  terminal.line();
  terminal.line(
    `${querier.party.title} asks for the overall picture of the same two: sums over all, and nobody is named`,
  );
  const preparing = terminal.stage("Consortium table (encrypted, from all)");
  const edition = await waitForFirstEdition({ network, subjectsPerMember, signal, progress: preparing.update });
  preparing.done(
    `edition ${edition.number}: ${edition.rows} rows of ${edition.contributors} institutions, padding included`,
  );
  const since = new Date();
  const asking = terminal.stage("Overall picture (homomorphic sums)");
  const asked = await ask(querier, subjects, signal, "aggregate");
  asking.done(`answered with 3 of 5 algorithm nodes in ${Math.round(asked.milliseconds)} ms`);
  terminal.line(
    "  Three times three of the five nodes were asked, any of them but the firm's own: to evaluate, to locate, to decrypt, for a point each.",
  );
  showPicture(asked, options.querier, terminal);
  await showNodes(network, options.querier, since, terminal);
  await showEvidence(network, querier, asked, terminal, signal);
}

async function showEvidence(
  network: Network,
  querier: Member,
  { view }: Asked,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  terminal.line();
  const stage = terminal.stage("Evidence of the sums, verified likewise");
  const place = { querier, query: view.id, directory: network.state.evidence, rpcUrl: network.rpcUrl, signal };
  const verified = await Promise.all(
    view.subjects.map(({ position }) => verifiedEvidence({ ...place, position, of: "picture-evidence" })),
  );
  stage.done("from nothing but the file and the chain's URL");
  for (const [position, { checks, conclusion, file }] of verified.entries()) {
    terminal.line(`  Investor ${position + 1}, ${checks} checks: ${conclusion.at(-1) ?? ""}  ${here(file)}`);
  }
}

function showPicture({ view }: Asked, querier: string, terminal: Terminal): void {
  const rows = view.subjects.map(({ position, picture, rating }) => {
    const counts = Object.entries(picture?.counts ?? {}).filter(([, count]) => count > 0);
    const { atLeast = 0 } = picture?.institutions ?? {};
    return [
      String(position + 1),
      picture?.institutions ? String(atLeast) : "",
      counts.map(([name, count]) => `${count} x ${name}`).join(", "),
      typeof picture?.overdueFen === "number" ? `${(picture.overdueFen / 100).toLocaleString("en")} CNY` : "",
      rating?.grade ?? "not rated",
      rating?.reasons.map(({ text }) => text.en).join("; ") ?? "",
    ];
  });
  terminal.line();
  terminal.line(`What ${querier} learned: the sums, from how many institutions, and how they are rated`);
  show(terminal, textTable(["investor", "institutions", "records", "overdue", "grade", "because"], rows));
  for (const { position, picture } of view.subjects) terminal.line(`  ${position + 1}. ${picture?.statement.en ?? ""}`);
  terminal.line(`  ${view.advice.en}`);
}

async function showNodes(network: Network, querier: string, since: Date, terminal: Terminal): Promise<void> {
  const others = network.members.filter(({ party }) => party.name !== querier);
  const [evaluated, located, decrypted] = await Promise.all([
    holdersSaw(others, querier, since, "evaluation"),
    holdersSaw(others, querier, since, "location"),
    holdersSaw(others, querier, since, "decryption"),
  ]);
  terminal.line();
  terminal.line(
    "What each algorithm node saw: random elements, as many for an investor who is known as for one who is not",
  );
  show(
    terminal,
    textTable(
      ["node", "asked to", "elements", "bytes in", "bytes out", "begins with"],
      [
        ...evaluated.map((entry) => ["evaluate", entry] as const),
        ...located.map((entry) => ["locate", entry] as const),
        ...decrypted.map((entry) => ["decrypt", entry] as const),
      ].map(([what, entry]) => [
        entry.holder,
        what,
        String(entry.elements),
        String(entry.bytesReceived),
        String(entry.bytesSent),
        entry.preview,
      ]),
    ),
  );
}

function show(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) terminal.line(`  ${line}`);
}
