/**
 * Does `work` for so long at most, and no longer than until `stop` is aborted: then the signal that it was given is, and nobody
 * waits for it any more.
 *
 * @throws whatever `work` throws; Error where it takes too long; what `stop` was aborted with
 */
export async function withinTime<T>(
  ms: number,
  stop: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stop?.throwIfAborted();
  const end = new AbortController();
  const stopped = (): void => end.abort(stop?.reason);
  const timer = setTimeout(() => end.abort(new Error('It takes too long.')), ms).unref();
  stop?.addEventListener('abort', stopped);
  // Beside the work: what hangs need not hear of the signal.
  const over = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason as Error));
  });
  try {
    return await Promise.race([work(end.signal), over]);
  } finally {
    clearTimeout(timer);
    stop?.removeEventListener('abort', stopped);
  }
}
