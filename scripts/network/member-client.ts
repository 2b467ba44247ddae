/** The member API as a firm's own system would use it: JSON over HTTP with a bearer token. */
import { randomUUID } from "node:crypto";

import { Fault } from "../../protocol/errors/fault.ts";
import type { Role } from "../../relayer/http/role.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface MemberClient {
  readonly url: string;
  get(role: Role, path: string): Promise<unknown>;
  /** `key` makes a repetition harmless; a fresh one is used unless given. */
  post(role: Role, path: string, body: Json, key?: string): Promise<unknown>;
  /** Sends a CSV file. */
  upload(role: Role, path: string, content: Uint8Array): Promise<unknown>;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly role: Role;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const PATIENCE_MS = 120_000;

export function createMemberClient(
  name: string,
  url: string,
  tokens: () => Readonly<Record<Role, string>>,
): MemberClient {
  /** @throws Fault MEMBER_API_REFUSED with the relayer's own code and remedy. */
  async function call({ method, role, path, headers = {}, body }: Call): Promise<unknown> {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${tokens()[role]}`, ...headers },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    const answer = parse(text);
    if (response.ok) return answer;
    const { code = "", detail = text.slice(0, 200), remedy = detail } = (answer ?? {}) as Record<string, string>;
    const at = path.split("?")[0] ?? path;
    throw new Fault("MEMBER_API_REFUSED", { name, method, path: at, status: response.status, code, detail: remedy });
  }

  return {
    url,
    get: (role, path) => call({ method: "GET", role, path }),
    post: (role, path, body, key = randomUUID()) =>
      call({
        method: "POST",
        role,
        path,
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      }),
    upload: (role, path, content) =>
      call({ method: "POST", role, path, headers: { "content-type": "text/csv" }, body: Uint8Array.from(content) }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
