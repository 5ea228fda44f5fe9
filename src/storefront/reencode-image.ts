import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A picture that was made anew, as WebP. */
export interface ReencodedImage {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** What came of a picture. */
export type Reencoding = { readonly image: ReencodedImage; readonly thumbnail: ReencodedImage } | RefusedImage;

/** Why there is no image, as a sentence without anything of its content. */
export interface RefusedImage {
  readonly refusal: string;
  /** Whether the same address will give the same tomorrow: false where the bytes may have been cut short, or the machine was slow. */
  readonly isFinal: boolean;
}

/** What a picture may take. */
export interface ReencodingBounds {
  readonly maxPixels: number;
  /** Of each of the two that are made. */
  readonly maxBytes: number;
  readonly image: { readonly width: number; readonly height: number };
  readonly thumbnail: { readonly width: number; readonly height: number };
  /** Once the program is there. */
  readonly timeoutMs: number;
  /** Of the process, where the system can bound it. */
  readonly memoryMebibytes: number;
}

/** A screenshot of the largest screens there are, twice over. The height is for pages that were taken whole. */
export const screenshotBounds: ReencodingBounds = {
  maxPixels: 40_000_000,
  maxBytes: 2 * 1024 * 1024,
  image: { width: 1_600, height: 4_000 },
  thumbnail: { width: 480, height: 960 },
  timeoutMs: 20_000,
  memoryMebibytes: 1_024,
};

/** The built program, wherever this runs from: Node.js runs no sources. */
const PROGRAM = fileURLToPath(new URL('../../dist/storefront/reencode-image-program.js', import.meta.url));
const SHELL = '/bin/sh';
const READY = 'ready\n';
/** How long the program may take to begin, which is not up to the picture. */
const START_MS = 30_000;
/** By which somebody else ends a process: whoever stops the gate, say, or the whole of a terminal. */
const SIGNALS_FROM_OUTSIDE = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
/** Whom it runs as where the gate is root: nobody, who can't look into the gate's memory, environment and files. */
const NOBODY = 65_534;
/** More than its lines ever have. */
const MAX_LINES_BYTES = 2_048;

/**
 * Makes a stranger's picture anew from its pixels: the first frame of a PNG, JPEG, WebP or GIF, by its content and not by any
 * name, as a WebP without metadata, and a thumbnail of it. Decoders of pictures are large and have holes: they run in a process
 * of its own that has none of our environment, can write no file, is bounded in memory and time, and is gone when this settles;
 * what it answers is checked like anything that a stranger sends.
 *
 * @throws where the program can't be run, or somebody ended it, which is no fault of the picture
 */
export async function reencodeImage(picture: Buffer, bounds: ReencodingBounds = screenshotBounds): Promise<Reencoding> {
  if (formatOf(picture) === null) return { refusal: 'It is no PNG, JPEG, WebP or GIF image.', isFinal: false };
  const { exit, isLate, output } = await runProgram(picture, bounds);
  if (SIGNALS_FROM_OUTSIDE.includes(exit)) throw new Error(`The program that decodes images was ended by ${exit}`);
  if (!output.subarray(0, READY.length).equals(Buffer.from(READY))) {
    throw new Error(`The program that decodes images did not start (${exit})`);
  }
  if (isLate) {
    return { refusal: `Decoding it took longer than ${Math.ceil(bounds.timeoutMs / 1_000)} s.`, isFinal: false };
  }
  const answer = exit === 'exit 0' ? parseAnswer(output.subarray(READY.length), bounds) : null;
  return answer ?? { refusal: 'The decoder broke down over it.', isFinal: false };
}

/** The format that a picture has by its first bytes; null for any that is not taken. */
export function formatOf(picture: Buffer): 'png' | 'jpeg' | 'webp' | 'gif' | null {
  const start = picture.subarray(0, 12).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^GIF8[79]a/.test(start)) return 'gif';
  return /^RIFF[^]{4}WEBP/.test(start) ? 'webp' : null;
}

interface Run {
  /** `exit 0`, or the signal that ended it. */
  readonly exit: string;
  readonly isLate: boolean;
  /** Never more than the bounds allow. */
  readonly output: Buffer;
}

function runProgram(picture: Buffer, bounds: ReencodingBounds): Promise<Run> {
  return new Promise((resolve, reject) => {
    const program = startProgram(bounds);
    const most = 2 * bounds.maxBytes + MAX_LINES_BYTES;
    const chunks: Buffer[] = [];
    let size = 0;
    let isLate = false;
    const end = (): void => {
      isLate = true;
      killGroup(program);
    };
    let timer = setTimeout(end, START_MS);
    program.stdout.on('data', (chunk: Buffer) => {
      // That it begins to say something says that it has started.
      if (size === 0) {
        clearTimeout(timer);
        timer = setTimeout(end, bounds.timeoutMs);
      }
      size += chunk.length;
      if (size > most) killGroup(program);
      else chunks.push(chunk);
    });
    // It may end before it has read everything.
    program.stdin.on('error', () => {});
    program.stdin.end(picture);
    program.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    program.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ exit: signal ?? `exit ${String(code)}`, isLate, output: Buffer.concat(chunks) });
    });
  });
}

/** Ends a program with whatever it may have started. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/**
 * Where there is a shell, it takes away from the program what it must not use up: memory, processor time, files and their size,
 * and where memory is scarce, the kernel ends it before the gate. A bound that can't be set is one that is set lower already.
 */
function startProgram(bounds: ReencodingBounds): ChildProcessByStdio<Writable, Readable, null> {
  const { maxPixels, maxBytes, image, thumbnail, timeoutMs, memoryMebibytes } = bounds;
  const wish = [maxPixels, maxBytes, image.width, image.height, thumbnail.width, thumbnail.height].map(String);
  const argv = [process.execPath, '--max-old-space-size=64', PROGRAM, ...wish];
  const seconds = Math.ceil((START_MS + timeoutMs) / 1_000);
  const limits = `echo 1000 > /proc/self/oom_score_adj; ulimit -c 0; ulimit -f 0; ulimit -t ${seconds}; ulimit -d ${memoryMebibytes * 1_024}`;
  const [command = '', ...args] = existsSync(SHELL) ? [SHELL, '-c', `${limits}; exec "$@"`, 'sh', ...argv] : argv;
  // Few threads and arenas: each takes room of the memory that is allowed.
  const env = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' };
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  // A group of its own: what is sent to ours, Ctrl-C say, is for the gate, which waits for what it has under way.
  return spawn(command, args, { env, ...identity, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
}

const refusedSchema = z.object({ refused: z.string() });

/** What the program says, as far as it can be so; null where it can't. Of why there is nothing, only what we know ourselves. */
function parseAnswer(output: Buffer, bounds: ReencodingBounds): Reencoding | null {
  const end = output.indexOf('\n');
  const said = end === -1 ? null : parseJson(output.subarray(0, end).toString());
  const refused = refusedSchema.safeParse(said);
  if (refused.success) return refusalOf(refused.data.refused);
  const madeSchema = (within: ReencodingBounds['image']) =>
    z.object({
      width: z.int().min(1).max(within.width),
      height: z.int().min(1).max(within.height),
      bytes: z.int().min(1).max(bounds.maxBytes),
    });
  const made = z.tuple([madeSchema(bounds.image), madeSchema(bounds.thumbnail)]).safeParse(said);
  if (!made.success) return null;
  const [image, thumbnail] = made.data;
  const rest = output.subarray(end + 1);
  if (rest.length !== image.bytes + thumbnail.bytes) return null;
  const [first, second] = [rest.subarray(0, image.bytes), rest.subarray(image.bytes)];
  if (formatOf(first) !== 'webp' || formatOf(second) !== 'webp') return null;
  return { image: { ...image, bytes: first }, thumbnail: { ...thumbnail, bytes: second } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the library says, in our words: its own may quote the picture. */
function refusalOf(words: string): RefusedImage {
  if (/pixel limit|dimensions/i.test(words)) return { refusal: 'It has too many pixels.', isFinal: true };
  if (words.includes('too large when made anew'))
    return { refusal: 'Made anew, it would be too large.', isFinal: true };
  // What a server cut short looks no different.
  return { refusal: 'It is damaged, or no such image as it begins with.', isFinal: false };
}
