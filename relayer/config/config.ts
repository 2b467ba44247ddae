/** A relayer's settings, parsed once from the environment. */
import type { z } from "zod";

import { Fault } from "../../protocol/errors/fault.ts";
import { settings, type Setting } from "./settings.ts";

type Settings = typeof settings;

type ValueOf<S> = S extends Setting<infer T> ? (S extends { optional?: true } ? z.output<T> : never) : never;

/** Fields and meanings: settings.ts. */
export type Config = {
  readonly [K in keyof Settings]: K extends "redisUrl" | "ratingModelFile"
    ? ValueOf<Settings[K]> | undefined
    : ValueOf<Settings[K]>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Fault CONFIG_INVALID naming each variable that is missing or wrong, never its value. */
export function loadConfig(environment: Environment): Config {
  return loadSettings(environment, Object.keys(settings) as (keyof Config)[]);
}

/** Only some of the settings, for programs that need no more. @throws Fault CONFIG_INVALID */
export function loadSettings<K extends keyof Config>(environment: Environment, fields: readonly K[]): Pick<Config, K> {
  const wrong: string[] = [];
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const entry: Setting = settings[field];
    // An empty variable is what a shell makes of "not set".
    const given = environment[entry.variable]?.trim();
    const text = given === undefined || given === "" ? entry.default : given;
    if (text === undefined) {
      if (entry.optional === undefined) wrong.push(`${entry.variable} (is missing)`);
      values[field] = undefined;
      continue;
    }
    const parsed = entry.schema.safeParse(text);
    if (parsed.success) values[field] = parsed.data;
    else wrong.push(`${entry.variable} (${parsed.error.issues[0]?.message ?? "is not valid"})`);
  }
  if (values["memberPort"] !== undefined && values["memberPort"] !== 0 && values["memberPort"] === values["peerPort"]) {
    wrong.push(`${settings.peerPort.variable} (is the same as ${settings.memberPort.variable})`);
  }
  if (wrong.length > 0) throw new Fault("CONFIG_INVALID", { variables: wrong.join(", ") });
  return values as Pick<Config, K>;
}

/** The configuration table of the documentation, in Markdown. */
export function configurationTable(language: "en" | "zh"): string {
  const head = language === "en" ? ["Variable", "Default", "Meaning"] : ["变量", "默认值", "含义"];
  const [required, absent] = language === "en" ? ["(required)", "(none)"] : ["（必填）", "（无）"];
  const rows = Object.values<Setting>(settings).map(({ variable, default: value, optional, meaning }) => [
    `\`${variable}\``,
    value === undefined ? (optional === true ? absent : required) : `\`${value}\``,
    meaning[language],
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n";
}
