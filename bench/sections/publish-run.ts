/**
 * Seals one table in a process of its own, so that its peak of memory is this table's: reads a PublishRun as JSON from
 * its argument, writes a PublishResult as JSON to stdout.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ristretto255Sha512 } from "../../protocol/oprf/oprf.ts";
import { encodeRecords, type RiskRecord } from "../../protocol/sealed-table/record.ts";
import { subjectInput, type SubjectId } from "../../protocol/subject/subject.ts";
import { sealTable } from "../../relayer/services/tables/seal-table.ts";
import type { SubjectContent } from "../../relayer/services/tables/table-tasks.ts";

export interface PublishRun {
  readonly subjects: number;
  readonly suite: 1 | 2;
  readonly payloadBytes: 512 | 1024;
}

export interface PublishResult {
  readonly entries: number;
  /** CPU time of all threads, and elapsed. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakBytes: number;
  readonly tableBytes: number;
  readonly treeBytes: number;
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** One record for most subjects, two for every fourth; as long as real ones. */
function recordsOf(index: number): RiskRecord[] {
  const record = (serial: number): RiskRecord => ({
    id: createHash("sha256")
      .update(`${String(index)}/${String(serial)}`)
      .digest("hex")
      .slice(0, 32),
    class: serial === 0 ? "B2" : "C2",
    status: index % 3 === 0 ? "cured" : "open",
    statusDate: "2026-01-15",
    eventDate: "2025-11-03",
    amountFen: 1_000_000 + index,
    authorisation: `0x${createHash("sha256").update(String(index)).digest("hex")}`,
  });
  return index % 4 === 0 ? [record(0), record(1)] : [record(0)];
}

function* contents(subjects: number): Generator<SubjectContent> {
  for (let index = 0; index < subjects; index += 1) {
    const subject = `cn-resident-id:${String(index).padStart(18, "0")}` as SubjectId;
    yield { input: subjectInput(subject), content: encodeRecords(recordsOf(index)) };
  }
}

async function publish({ subjects, suite, payloadBytes }: PublishRun): Promise<PublishResult> {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-bench-"));
  try {
    const files = { table: join(directory, "bench.table"), tree: join(directory, "bench.tree") };
    const { secretKey } = ristretto255Sha512.generateKeyPair(random);
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const { entryCount } = await sealTable({
      suite,
      secretKey,
      table: { dataset: random(32), epoch: 1 },
      payloadBytes,
      dummySeed: random(32),
      subjects: contents(subjects),
      files,
      workDirectory: join(directory, "work"),
      threads: 1,
    });
    const wallMs = performance.now() - start;
    const used = process.cpuUsage(cpu);
    return {
      entries: entryCount,
      cpuMs: (used.user + used.system) / 1000,
      wallMs,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      tableBytes: statSync(files.table).size,
      treeBytes: statSync(files.tree).size,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

process.stdout.write(JSON.stringify(await publish(JSON.parse(process.argv[2] ?? "") as PublishRun)));
