/** A relayer's configuration in this environment: only looked at where there is one. */
import { isFault } from "../../protocol/errors/fault.ts";
import { loadConfig } from "../../relayer/config/config.ts";
import { examine } from "../../relayer/doctor.ts";
import { ok, problem, type Finding } from "./finding.ts";

export async function examineConfiguration(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (environment["RISKVEIL_NAME"] === undefined && environment["DATABASE_URL"] === undefined) {
    return [ok("Relayer's configuration", "none here: npm start brings its own")];
  }
  try {
    const config = loadConfig(environment);
    const findings = await examine(config, "en");
    return [
      ok("Relayer's configuration", `complete for ${config.name}`),
      ...findings.map((finding): Finding => {
        const what = `Relayer's ${finding.subject}`;
        return finding.ok ? ok(what, finding.remark) : { what, verdict: "problem", found: finding.remark };
      }),
    ];
  } catch (error) {
    if (!isFault(error)) throw error;
    return [problem("Relayer's configuration", error.title("en"), error.remedy("en"))];
  }
}
