/** Answers of the chain, kept until something drops them, and only as long as somebody watches what would. */

export interface ReadCache {
  /** The kept answer, or `load`'s. A failure is not kept. */
  get<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Drops every key that begins with one of these. */
  drop(prefixes: readonly string[]): void;
  clear(): void;
}

const MOST = 20_000;

export function createReadCache(fresh: () => boolean): ReadCache {
  const kept = new Map<string, Promise<unknown>>();

  return {
    async get<T>(key: string, load: () => Promise<T>): Promise<T> {
      if (!fresh()) return await load();
      const found = kept.get(key) as Promise<T> | undefined;
      if (found !== undefined) return await found;
      const loading = load();
      if (kept.size >= MOST) kept.delete(kept.keys().next().value ?? "");
      kept.set(key, loading);
      try {
        return await loading;
      } catch (error) {
        // Whoever dropped it meanwhile may have put a newer one there.
        if (kept.get(key) === loading) kept.delete(key);
        throw error;
      }
    },
    drop(prefixes) {
      for (const key of kept.keys()) if (prefixes.some((prefix) => key.startsWith(prefix))) kept.delete(key);
    },
    clear() {
      kept.clear();
    },
  };
}
