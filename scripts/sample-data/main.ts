/** `node scripts/sample-data/main.ts --out <directory>`: writes the sample data's files. */
import { Command } from "commander";

import { generateSampleData, SAMPLE_FIRMS } from "./generate.ts";

const program = new Command("sample-data")
  .description("Writes files of fictional firms, to import and ask about")
  .requiredOption("--out <directory>", "where the files go")
  .option("--seed <number>", "another seed gives other people", "1")
  .option("--subjects <number>", "subjects a firm", "10000")
  .option("--members <names>", "names of the firms, comma-separated", Object.keys(SAMPLE_FIRMS).join(","));

const { out, seed, subjects, members } = program
  .parse()
  .opts<{ out: string; seed: string; subjects: string; members: string }>();
const { files, expectationsFile } = await generateSampleData({
  seed: Number(seed),
  members: members.split(","),
  subjectsPerMember: Number(subjects),
  outDir: out,
});
for (const [member, { records, authorisations }] of Object.entries(files)) {
  process.stdout.write(`${member}: ${[records, authorisations ?? []].flat().join(", ")}\n`);
}
process.stdout.write(`expected answers: ${expectationsFile}\n`);
