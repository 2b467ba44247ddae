/** Tells whoever watches a query that its stored state moved. Carries no content: the watcher reads the store. */
import { EventEmitter, on } from "node:events";

export interface QueryProgress {
  emit(query: string): void;
  /** Yields at every move of the query, and at least every `everyMs`, until `signal` is aborted. */
  watch(query: string, everyMs: number, signal: AbortSignal): AsyncGenerator<void>;
  /** Resolves at the next move of the query, or after `withinMs`. */
  next(query: string, withinMs: number): Promise<void>;
}

export function createQueryProgress(): QueryProgress {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);

  async function* watch(query: string, everyMs: number, signal: AbortSignal): AsyncGenerator<void> {
    const timer = setInterval(() => emitter.emit(query), everyMs);
    try {
      for await (const _ of on(emitter, query, { signal })) yield;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(timer);
    }
  }

  function next(query: string, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        emitter.off(query, done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      emitter.once(query, done);
    });
  }

  return { emit: (query) => void emitter.emit(query), watch, next };
}
