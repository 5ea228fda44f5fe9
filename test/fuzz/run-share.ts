import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Share, Tally, WorkerMessage } from './share.js';

const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const WORKER = fileURLToPath(new URL('worker-program.ts', import.meta.url));

/** Longer than any case may take, however slow the machine. */
const HANG_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** Who hears what came of the cases. */
export interface ShareListener {
  tally(tally: Tally): void;
  failure(number: number, claim: string, from: string): void;
}

/** The memory of the program that ran a share, in bytes. */
export interface ShareMemory {
  readonly idleRss: number;
  readonly peakRss: number;
}

/**
 * Runs a share of the cases in a program of its own. A case that makes it hang or die is a failure, and the rest of the
 * share goes on behind it.
 *
 * @throws where the program doesn't get as far as its first case
 */
export async function runShare(
  share: Omit<Share, 'file' | 'progressFile'>,
  folder: string,
  listener: ShareListener,
): Promise<ShareMemory> {
  const temporary = join(folder, 'temporary');
  await mkdir(temporary, { recursive: true });
  const part = { ...share, file: join(temporary, 'mutant.zip'), progressFile: join(folder, 'progress') };
  const memory = { idleRss: 0, peakRss: 0 };
  for (let { first } = share; first < share.end;) {
    const ended = await runOnce({ ...part, first }, temporary, listener, memory);
    if (ended === null) break;
    listener.failure(ended.number, ended.claim, '');
    first = ended.number + share.step;
  }
  return memory;
}

/** @returns the case that the program did not survive; null where it ran all of them */
function runOnce(
  part: Share,
  temporary: string,
  listener: ShareListener,
  memory: { idleRss: number; peakRss: number },
): Promise<{ readonly number: number; readonly claim: string } | null> {
  writeFileSync(part.progressFile, '');
  return new Promise((resolve, reject) => {
    const program = fork(WORKER, [JSON.stringify(part)], {
      execArgv: ['--import', LOADER],
      // Whatever an inspection leaves in the folder for temporary files is found there.
      env: { PATH: process.env['PATH'], TMPDIR: temporary },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let done = false;
    let hung = false;
    let last = { number: caseUnderWay(part), since: performance.now() };
    const watch = setInterval(() => {
      const number = caseUnderWay(part);
      if (number !== last.number) last = { number, since: performance.now() };
      else if (performance.now() - last.since > HANG_MS) hung = program.kill('SIGKILL');
    }, LOOK_EVERY_MS);
    program.on('message', (message: WorkerMessage) => {
      if (message.type === 'tally') listener.tally(message.tally);
      else if (message.type === 'failure') listener.failure(message.number, message.claim, message.from);
      else {
        done = true;
        memory.idleRss = message.idleRss;
        memory.peakRss = Math.max(memory.peakRss, message.peakRss);
      }
    });
    program.on('error', reject);
    program.on('close', (code, signal) => {
      clearInterval(watch);
      const number = caseUnderWay(part);
      const claim = hung ? `hangs for ${HANG_MS} ms` : `ends the program with ${signal ?? `code ${code ?? ''}`}`;
      if (done) resolve(null);
      else if (number === null) reject(new Error(`before the first case: ${claim}`));
      else resolve({ number, claim });
    });
  });
}

/** What the program wrote last; null before its first case. */
function caseUnderWay({ progressFile }: Share): number | null {
  const text = readFileSync(progressFile, 'utf8').trim();
  return text === '' ? null : Number(text);
}
