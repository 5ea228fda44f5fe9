import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the request on whose behalf something happens, for the record. */
export interface RequestContext {
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work`, and whatever it starts, as part of a request. */
export function inRequest<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The request that this is part of; null for what the gate or an operator's command does by itself. */
export function currentRequest(): RequestContext | null {
  return storage.getStore() ?? null;
}
