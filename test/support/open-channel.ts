/** Stands in for the channel where a test is about something else: every request goes out, every answer with a MAC is taken. */
import type { OutgoingRequest, PeerChannel } from "../../relayer/services/channel/client.ts";

export interface OpenChannel extends PeerChannel {
  /** Members that were asked, in order. */
  readonly asked: number[];
}

export function openChannel(change: Partial<OutgoingRequest> = {}): OpenChannel {
  const asked: number[] = [];
  return {
    asked,
    authenticate(member) {
      asked.push(member);
      return Promise.resolve({
        header: `tag-${String(asked.length)}`,
        verify: () => undefined,
        unauthenticated: () => false,
        ...change,
      });
    },
  };
}
