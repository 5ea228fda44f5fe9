import type { Response } from 'express';
import { Readable } from 'node:stream';
import type { Answer } from './route.js';

/** An event as WHATWG HTML §9.2 has it; a comment where `event` is null. */
export type ServerSentEvent =
  { readonly event: string; readonly id: number | null; readonly data: unknown } | { readonly event: null };

/**
 * An answer that goes on for as long as somebody listens. The first event is waited for: what goes wrong before is a problem
 * like any other.
 *
 * @param events begins what is told; its signal says that the client is gone
 */
export async function answerEvents(
  response: Response,
  events: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
): Promise<Answer> {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.once('close', () => gone.abort());
  const iterator = events(gone.signal)[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* text(): AsyncGenerator<string> {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield eventText(next.value);
    } finally {
      await iterator.return?.();
    }
  }
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // For proxies that would keep it back until there is enough of it.
      'x-accel-buffering': 'no',
    },
    stream: Readable.from(text(), { objectMode: false, highWaterMark: 16 * 1024 }),
  };
}

/** JSON has no line break of its own, and the names of events are ours. */
function eventText(event: ServerSentEvent): string {
  if (event.event === null) return ': still here\n\n';
  const id = event.id === null ? '' : `id: ${event.id}\n`;
  return `${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** The position that a client goes on from: its header `Last-Event-ID`; 0 where it has none, or none of ours. */
export function lastEventId(header: string | undefined): number {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : 0;
}
