/** A generated reference page. */
export interface Page {
  /** Path from the repository's root. */
  readonly file: string;
  readonly content: string;
}
