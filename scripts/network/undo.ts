/** Steps that take back what was started, run in the opposite order, once. */
export interface Undo {
  /** Added last, run first. */
  readonly add: (step: () => Promise<void> | void) => void;
  /** One step that fails keeps no other from its turn. Safe to call twice. */
  readonly run: () => Promise<void>;
}

export function createUndo(log: (line: string) => void): Undo {
  const steps: (() => Promise<void> | void)[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        log(`while stopping: ${String(error)}`);
      }
    }
  }

  return {
    add: (step) => void steps.push(step),
    run: () => (running ??= runAll()),
  };
}
