/** Why a number is refused. Says nothing about the number itself, so it may be shown and logged. */
export type Refusal = "format" | "region" | "birth-date" | "check-digit";

export type Reading =
  | { readonly number: string; readonly refusal?: undefined }
  | { readonly number?: undefined; readonly refusal: Refusal };

/**
 * Reads a number of one kind of document. `text` is already normalised (`normalise.ts`); `today` is YYYYMMDD in China.
 * Gives the one canonical form, so that one person's number, however written, is one subject.
 */
export type Scheme = (text: string, today: string) => Reading;
