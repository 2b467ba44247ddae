/** The story of one private query, told party by party. */
import type { Network } from "../network.ts";
import type { Terminal } from "../progress.ts";
import type { Expectations } from "../../sample-data/expectations.ts";
import { ask, chooseSubjects, type Asked, type DemoSubject } from "./ask.ts";
import { chainSaw, currentBlock } from "./chain-saw.ts";
import { verifiedEvidence } from "./evidence.ts";
import { holdersSaw } from "./holders-saw.ts";
import { here } from "./here.ts";
import { textTable } from "./text-table.ts";

export interface StoryOptions {
  readonly network: Network;
  readonly demo: Expectations["demo"];
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

const QUERIER = "alpha";

/** Asks, shows what every party saw, and verifies the evidence of the hit and of the miss. @returns the asked subjects. */
export async function tellStory({ network, demo, terminal, signal }: StoryOptions): Promise<readonly DemoSubject[]> {
  const querier = network.member(QUERIER);
  const subjects = chooseSubjects(demo, QUERIER, new Date().getSeconds());
  const since = new Date();
  const after = await currentBlock(network);

  terminal.line();
  terminal.line(`${querier.party.title} asks all others about two investors, before it grants credit:`);
  subjects.forEach(({ number }, index) => terminal.line(`  ${index + 1}. identity number ${masked(number)}`));
  const asking = terminal.stage("Private query (oblivious lookup)");
  const asked = await ask(querier, subjects, signal);
  asking.done(`answered by ${asked.view.holders.length} holders in ${Math.round(asked.milliseconds)} ms`);

  showAnswer(asked, terminal);
  await showHolders(network, since, terminal);
  await showChain(network, { after, lanes: asked.view.holders.length, signal }, terminal);
  await showEvidence(network, asked, terminal, signal);
  return subjects;
}

function showAnswer({ view }: Asked, terminal: Terminal): void {
  const rows = view.subjects.flatMap(({ position, records }) =>
    records.map((record) => [
      String(position + 1),
      record.holder,
      record.class,
      record.status,
      record.eventDate,
      record.amountFen === undefined ? "" : yuan(record.amountFen),
    ]),
  );
  terminal.line();
  terminal.line(`What ${QUERIER} learned`);
  show(terminal, textTable(["investor", "at", "class", "status", "event", "amount"], rows));
  for (const { position, statement } of view.subjects) terminal.line(`  ${position + 1}. ${statement.en}`);
  terminal.line(`  ${view.advice.en}`);
}

async function showHolders(network: Network, since: Date, terminal: Terminal): Promise<void> {
  const others = network.members.filter(({ party }) => party.name !== QUERIER);
  const seen = await holdersSaw(others, QUERIER, since);
  terminal.line();
  terminal.line(
    "What each holder saw: who asks, for what, how many; and bytes that look random, the same for hit and miss",
  );
  show(
    terminal,
    textTable(
      ["holder", "asked by", "purpose", "subjects", "bytes in", "bytes out", "begins with"],
      seen.map((entry) => [
        entry.holder,
        entry.querier,
        entry.purpose,
        String(entry.elements),
        String(entry.bytesReceived),
        String(entry.bytesSent),
        entry.preview,
      ]),
    ),
  );
  terminal.line(
    "  All get the same bytes on purpose: a blinded investor is any investor, so comparing them tells nothing.",
  );
}

async function showChain(network: Network, wanted: Parameters<typeof chainSaw>[1], terminal: Terminal): Promise<void> {
  const stage = terminal.stage("Anchored and settled on chain");
  const events = await chainSaw(network, wanted);
  stage.done();
  terminal.line();
  terminal.line("What the chain, and so everybody, saw (an answer costs a point, of which a fifth goes to the pool)");
  show(
    terminal,
    textTable(
      ["block", "event", "content"],
      events.map(({ block, event, content }) => [String(block), event, content]),
    ),
  );
}

async function showEvidence(network: Network, { view }: Asked, terminal: Terminal, signal: AbortSignal): Promise<void> {
  terminal.line();
  const stage = terminal.stage("Evidence, verified by separate processes");
  const querier = network.member(QUERIER);
  const directory = network.state.evidence;
  const verified = await Promise.all(
    view.subjects.map(({ position }) =>
      verifiedEvidence({ querier, query: view.id, position, directory, rpcUrl: network.rpcUrl, signal }),
    ),
  );
  stage.done("from nothing but the file and the chain's URL");
  verified.forEach(({ file, reportFile, checks, conclusion }, position) => {
    const { outcome } = view.subjects[position] ?? {};
    terminal.line(`  Investor ${position + 1}, the ${outcome === "found" ? "hit" : "miss"}: ${checks} checks`);
    for (const line of conclusion) terminal.line(`    ${line}`);
    terminal.line(`    ${here(file)}`);
    terminal.line(`    ${here(reportFile)}`);
  });
}

function show(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) terminal.line(`  ${line}`);
}

/** Region and last character only; the rest says when a person was born. */
function masked(number: string): string {
  return `${number.slice(0, 2)}${"*".repeat(number.length - 3)}${number.slice(-1)}`;
}

function yuan(fen: number): string {
  return `${(fen / 100).toLocaleString("en", { minimumFractionDigits: 2 })} CNY`;
}
