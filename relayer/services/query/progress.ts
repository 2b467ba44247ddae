/** Tells whoever watches a query that its stored state moved. Carries no content: the watcher reads the store. */
import { EventEmitter, on } from "node:events";

export interface QueryProgress {
  /** `final`: nothing more is to be expected. */
  emit(query: string, final: boolean): void;
  /** Yields at every move of the query, and at least every `everyMs`, until `signal` is aborted. */
  watch(query: string, everyMs: number, signal: AbortSignal): AsyncGenerator<void>;
  /** Resolves at the next move of the query, with whether it was the last, or with undefined after `withinMs`. */
  next(query: string, withinMs: number): Promise<boolean | undefined>;
}

export function createQueryProgress(): QueryProgress {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);

  async function* watch(query: string, everyMs: number, signal: AbortSignal): AsyncGenerator<void> {
    // A channel of its own: one watcher's clock is no news for the others.
    const moves = new EventEmitter();
    const move = (): void => void moves.emit("move");
    const timer = setInterval(move, everyMs);
    emitter.on(query, move);
    try {
      for await (const _ of on(moves, "move", { signal })) yield;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(timer);
      emitter.off(query, move);
    }
  }

  function next(query: string, withinMs: number): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const done = (final?: boolean): void => {
        clearTimeout(timer);
        emitter.off(query, done);
        resolve(final);
      };
      const timer = setTimeout(done, withinMs);
      emitter.once(query, done);
    });
  }

  return { emit: (query, final) => void emitter.emit(query, final), watch, next };
}
