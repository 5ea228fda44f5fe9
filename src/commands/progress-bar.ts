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
  let shown = '';
  const draw = (line: string): void => {
    if (line === shown) return;
    shown = line;
    err(`${CLEAR_LINE}${line}`);
  };
  return {
    show: (bytes) =>
      draw(`${label}  ${bar(bytes / total)}  ${(bytes / MIB).toFixed(1)} of ${(total / MIB).toFixed(1)} MiB`),
    say: (text) => draw(`${label}  ${text}`),
    clear: () => err(CLEAR_LINE),
  };
}

function bar(part: number): string {
  const full = Math.round(Math.min(1, part) * WIDTH);
  return `${'━'.repeat(full)}${'╌'.repeat(WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}
