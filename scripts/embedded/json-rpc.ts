/** One JSON-RPC 2.0 call over HTTP: all that starting and keeping a local chain needs. */

/** A chain that copies a large ledger answers late; one that does not answer within this hangs. */
const TIMEOUT_MS = 60_000;

/** @throws Error with the node's message if it refuses, TypeError if it does not answer. */
export async function callRpc(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}
