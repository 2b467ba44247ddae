/**
 * An error is an object of the catalogue: a stable code, what happened, with which values, and what to do.
 * Values are shown and logged, so they never hold a secret, an identity number or anything derived from one.
 */
import { catalogue, type FaultCode } from "./catalogue.ts";

export type FaultValues = Readonly<Record<string, string | number | boolean>>;

export class Fault extends Error {
  readonly code: FaultCode;
  readonly status: number;
  readonly values: FaultValues;

  constructor(code: FaultCode, values: FaultValues = {}, cause?: unknown) {
    super(fill(catalogue[code].title.en, values), cause === undefined ? undefined : { cause });
    this.name = "Fault";
    this.code = code;
    this.status = catalogue[code].status;
    this.values = values;
  }

  /** What happened, in the reader's language. */
  title(language: Language): string {
    return fill(catalogue[this.code].title[language], this.values);
  }

  /** What to do about it, in the reader's language. */
  remedy(language: Language): string {
    return fill(catalogue[this.code].remedy[language], this.values);
  }
}

export type Language = "en" | "zh";

export function isFault(error: unknown, code?: FaultCode): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}

function fill(template: string, values: FaultValues): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
