import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from '../accounts/sessions.js';

/** A form that was sent and not accepted: what was typed, and what is wrong with it. */
export interface Attempt {
  /** Where it was sent, as forms write it: `console/account/password`. */
  readonly action: string;
  readonly values: Readonly<Record<string, string | readonly string[]>>;
  /** What is wrong, for people: the whole in one sentence or two. */
  readonly message: string;
  /** What is wrong with single fields, by their names. */
  readonly errors: Readonly<Record<string, string>>;
}

/** What every component of a page may know of the request that it answers. */
export interface Surroundings {
  /** Of this page, relative to the base of every link: `console/queue`. */
  readonly path: string;
  /** With its `?`; empty where there is none. */
  readonly search: string;
  readonly session: Session | null;
  /** The value that forms of this page carry. Asking for it binds a browser that nobody has signed in with. */
  readonly formToken: () => string;
  readonly attempt: Attempt | null;
  /** What people call this store: the host of its address. */
  readonly storeName: string;
  readonly now: Date;
}

const nowhere: Surroundings = {
  path: 'console',
  search: '',
  session: null,
  formToken: () => '',
  attempt: null,
  storeName: '',
  now: new Date(0),
};

export const SurroundingsContext = createContext<Surroundings>(nowhere);

/** The request that the page around a component answers. */
export function useSurroundings(): Surroundings {
  return useContext(SurroundingsContext);
}
