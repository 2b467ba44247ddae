export interface Checkpoint {
  readonly number: number;
  readonly hash: string;
}
