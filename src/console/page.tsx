import type { Request, Response } from 'express';
import type { ComponentChildren } from 'preact';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Session } from '../accounts/sessions.js';
import type { Gate } from '../gate.js';
import type { AssetName } from './assets.js';
import type { FlashCode } from './flash.js';

/** A step on the way to a page; the last is the page itself and has no link. */
export interface Crumb {
  readonly label: string;
  readonly href?: string;
}

/** A page to show. */
export interface ShownPage {
  /** Of the document; also its heading, unless `heading` is false. */
  readonly title: string;
  readonly body: ComponentChildren;
  /** 200 where not said; of a form that is shown again, what is wrong with it decides. */
  readonly status?: number;
  /** As wide as the window: for tables and differences. Else a column that is good to read. */
  readonly wide?: boolean;
  readonly crumbs?: readonly Crumb[];
  /** False where the body has an `h1` of its own. */
  readonly heading?: false;
  /** A sentence under the heading. */
  readonly lead?: ComponentChildren;
  /** Buttons and links beside the heading. */
  readonly actions?: ComponentChildren;
  readonly headers?: Readonly<Record<string, string>>;
  /** A script for this page alone; like the one for all pages it makes things easier, and nothing possible. */
  readonly script?: AssetName;
}

/** To another page of the console: `console/queue`, as links write it. Answered with 303. */
export interface Redirect {
  readonly redirect: string;
  readonly flash?: FlashCode;
  readonly cookies?: readonly string[];
}

/** Away from this store: to an OpenID Connect provider. */
export interface Departure {
  readonly leaveFor: string;
  /** Whom the address belongs to, for people. */
  readonly to: string;
  readonly cookies?: readonly string[];
}

/** Anything that is no page: a download, events. */
export interface RawAnswer {
  readonly stream: Readable;
  readonly contentType: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type PageAnswer = ShownPage | Redirect | Departure | RawAnswer;

/** Who sees a page. `anyone` sees it signed in or not. */
export type PageAccess = 'anyone' | 'signed-in' | 'moderator' | 'administrator';

type SessionOf<Access extends PageAccess> = Access extends 'anyone' ? Session | null : Session;

/** What a page's function gets: its input, checked and typed by the page's schemas. */
export interface PageContext<Access extends PageAccess, Params, Query, Form> {
  readonly gate: Gate;
  readonly session: SessionOf<Access>;
  readonly params: Params;
  readonly query: Query;
  readonly form: Form;
  readonly request: Request;
  readonly response: Response;
  /**
   * Of a page with `body: 'multipart'` only: to be called once the form is read, before anything is done.
   *
   * @throws RequestError `FORM_EXPIRED`
   */
  readonly requireToken: () => void;
}

/** What shows a page; of one whose form was not accepted too, hence without what the form holds. */
export type ShowPage<Access extends PageAccess, Params, Query> = (
  context: Omit<PageContext<Access, Params, Query, unknown>, 'form'>,
) => ShownPage | Promise<ShownPage>;

interface PageDescription<Access extends PageAccess, Params, Query> {
  readonly method: 'get' | 'post';
  /** `/console/reviews/{id}` */
  readonly path: `/console${string}`;
  readonly access: Access;
  /** `multipart`: the page reads the body itself, and calls `requireToken`. */
  readonly body?: 'form' | 'multipart';
  /**
   * Of a form: shows its page again with what was typed and what is wrong, where the form is not valid or its function throws a
   * RequestError. Without it such a form is answered with a page of its own that says so.
   */
  readonly again?: ShowPage<NoInfer<Access>, Params, Query>;
  /** The address holds a secret: other sites never hear of it, and neither do caches. */
  readonly secretAddress?: true;
}

interface PageSchemas<Params, Query, Form> {
  readonly params: z.ZodType<Params>;
  readonly query: z.ZodType<Query>;
  readonly form: z.ZodType<Form>;
}

/** A page or a form of the console, as the router takes it. */
export interface Page extends PageDescription<PageAccess, unknown, unknown> {
  readonly schemas: PageSchemas<unknown, unknown, unknown>;
  readonly answer: (context: PageContext<PageAccess, unknown, unknown, unknown>) => PageAnswer | Promise<PageAnswer>;
}

const nothing = z.object({});

/**
 * Makes a page from its description, the schemas of its input (none by default) and its function. The function is called only for
 * whom `access` lets in, and a form's only where it came from a page of this store.
 */
export function definePage<Access extends PageAccess, Params = object, Query = object, Form = object>(
  description: PageDescription<Access, NoInfer<Params>, NoInfer<Query>>,
  schemas: Partial<PageSchemas<Params, Query, Form>>,
  answer: (context: PageContext<Access, Params, Query, Form>) => PageAnswer | Promise<PageAnswer>,
): Page {
  return {
    ...(description as unknown as PageDescription<PageAccess, unknown, unknown>),
    schemas: { params: schemas.params ?? nothing, query: schemas.query ?? nothing, form: schemas.form ?? nothing },
    // The router hands over what the schemas made, and a session where the access says so.
    answer: answer as unknown as Page['answer'],
  };
}
