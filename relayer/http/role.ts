/** Roles a bearer token can carry. A token has exactly one. */
export const ROLES = ["admin", "data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;

export type Role = (typeof ROLES)[number];

/** Who is calling the member API, as the token said. */
export interface Caller {
  readonly tokenId: string;
  readonly role: Role;
  readonly label: string;
}
