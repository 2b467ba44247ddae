/** What a person sees while something takes time: a bar on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from "cli-progress";

export interface Stage {
  /** 0 to 1. */
  update(fraction: number): void;
  /** Ends the stage; `note` is what came of it. */
  done(note?: string): void;
}

export interface Terminal {
  line(text?: string): void;
  stage(title: string): Stage;
  /** Wipes an unfinished bar, so that a message stands alone. */
  interrupt(): void;
}

const TITLE_WIDTH = 42;
/** A stage that is over sooner needs no bar. */
const PATIENCE_MS = 1_000;

export function createTerminal(output: NodeJS.WriteStream): Terminal {
  const interactive = output.isTTY;
  let current: SingleBar | undefined;

  function line(text = ""): void {
    output.write(`${text}\n`);
  }

  function stage(title: string): Stage {
    const startedAt = performance.now();
    let fraction = 0;
    let told = 0;
    const timer = setTimeout(() => {
      if (interactive) current = startBar(title, fraction, output);
      else line(`  ... ${title}`);
    }, PATIENCE_MS);
    return {
      update(value) {
        fraction = value;
        current?.update(value);
        // Where there is no bar, a line at each quarter.
        const quarter = Math.floor(value * 4);
        if (interactive || quarter <= told || quarter === 4 || performance.now() - startedAt < PATIENCE_MS) return;
        told = quarter;
        line(`  ... ${title}: ${quarter * 25} %`);
      },
      done(note = "") {
        clearTimeout(timer);
        interrupt();
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        line(`  ✔ ${title.padEnd(TITLE_WIDTH)} ${seconds.padStart(5)} s  ${note}`.trimEnd());
      },
    };
  }

  function interrupt(): void {
    current?.stop();
    current = undefined;
  }

  return { line, stage, interrupt };
}

function startBar(title: string, fraction: number, output: NodeJS.WriteStream): SingleBar {
  const bar = new SingleBar(
    {
      format: `    ${title.padEnd(TITLE_WIDTH)} {bar} {percentage} % {duration_formatted}`,
      stream: output,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  bar.start(1, fraction);
  return bar;
}
