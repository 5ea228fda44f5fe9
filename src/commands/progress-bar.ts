import type { Terminal } from './command.js';

/** A line on the terminal that shows how far something is. */
export interface ProgressBar {
  readonly show: (bytes: number) => void;
  /** Says what goes on now that all bytes are through. */
  readonly say: (text: string) => void;
  /** Takes the line away again. */
  readonly clear: () => void;
}

const WIDTH = 28;
const MIB = 1024 * 1024;
const CLEAR_LINE = '\r\u001B[2K';

/** A progress bar over `total` bytes on the terminal; where nobody is looking, one that shows nothing. */
export function progressBar({ err, isInteractive }: Terminal, label: string, total: number): ProgressBar {
  const nothing = (): void => undefined;
  if (!isInteractive) return { show: nothing, say: nothing, clear: nothing };
  let shownPercent = -1;
  return {
    show: (bytes) => {
      const percent = Math.floor((100 * bytes) / total);
      // A terminal is slower than a network: a hundred steps are enough.
      if (percent === shownPercent) return;
      shownPercent = percent;
      err(`${CLEAR_LINE}${label}  ${bar(percent)}  ${mib(bytes)} of ${mib(total)} MiB`);
    },
    say: (text) => {
      err(`${CLEAR_LINE}${label}  ${text}`);
    },
    clear: () => {
      err(CLEAR_LINE);
    },
  };
}

function bar(percent: number): string {
  const full = Math.round((Math.min(100, percent) / 100) * WIDTH);
  return `${'━'.repeat(full)}${'╌'.repeat(WIDTH - full)} ${String(percent).padStart(3)} %`;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
