/** Where a member's peer API has a path. The endpoint is the member's own word on chain: it must not bend the request. */
import { Fault } from "../../../protocol/errors/fault.ts";

/**
 * The endpoint may have a path of its own, as behind a proxy.
 * @throws Fault ENDPOINT_UNUSABLE for credentials, a query or a fragment: the path would end up in them, and the request
 * elsewhere than at a peer API
 */
export function peerAddress(endpoint: string, path: `/peer/v1/${string}`): string {
  const url = URL.parse(endpoint + path);
  const straight = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!straight || !url.pathname.endsWith(path)) throw new Fault("ENDPOINT_UNUSABLE");
  return url.href;
}
