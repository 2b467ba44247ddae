/** `npm run doctor`: says what is wrong with this machine, this clone or this environment's relayer configuration. */
import { examineConfiguration } from "./configuration.ts";
import { findingLines } from "./finding.ts";
import { examineMachine } from "./machine.ts";

const findings = [...(await examineMachine()), ...(await examineConfiguration(process.env))];
for (const finding of findings) for (const line of findingLines(finding)) console.log(line);
const problems = findings.filter(({ verdict }) => verdict === "problem").length;
console.log(problems === 0 ? "\nAll is in order." : `\n${problems} to put right.`);
process.exitCode = problems === 0 ? 0 : 1;
