/** Server-sent events (HTML Living Standard, 9.2): progress with ids, so that a client that lost the line can go on. */
import { once } from "node:events";
import type { Request, Response } from "express";

export interface ServerEvent {
  readonly id: string;
  /** Kind of event. */
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

export interface EventStream {
  /** Id of the last event that the client saw before it reconnected. */
  readonly lastEventId: string | undefined;
  /** Resolves when the client can take more; does nothing once it is gone. */
  send(event: ServerEvent): Promise<void>;
  close(): void;
}

/** A comment keeps proxies from taking a quiet stream for a dead one. */
const HEARTBEAT_MS = 15_000;

export function openEventStream(
  raw: { readonly request: Request; readonly response: Response },
  signal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
): EventStream {
  const { request, response } = raw;
  response.status(200).set({ "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" });
  response.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(": still here\n\n");
  }, heartbeatMs);
  const stop = (): void => {
    clearInterval(heartbeat);
  };
  signal.addEventListener("abort", stop, { once: true });
  response.once("close", stop);

  return {
    lastEventId: request.get("last-event-id"),
    async send({ id, event, data }) {
      if (signal.aborted || response.writableEnded) return;
      // A line break would end the field: ids and names have none, and JSON escapes its own.
      const field = (text: string): string => text.replace(/[\r\n\0]/g, " ");
      const ready = response.write(`id: ${field(id)}\nevent: ${field(event)}\ndata: ${JSON.stringify(data)}\n\n`);
      if (!ready) await Promise.race([once(response, "drain"), once(response, "close")]);
    },
    close() {
      stop();
      response.end();
    },
  };
}
