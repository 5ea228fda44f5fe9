import { z } from 'zod';
import { findingSchema, reportSchema } from '../http/report-representation.js';
import * as catalogue from '../http/catalogue-representations.js';
import * as api from '../http/representations.js';
import type { Report } from '../report/report.js';
import { CommandError } from './command.js';
import type { StoreAnswer } from './store-client.js';
import type { Store } from './store-client-address.js';

/** A report as a store sends it. A store newer than this program may know codes that the catalogue here does not. */
const report = reportSchema.extend({
  findings: z.array(findingSchema.extend({ code: z.string() })),
});

export const submission = api.submissionSchema.extend({ report });
export const validation = api.validationSchema.extend({ report });
export const release = catalogue.releaseSchema;
export const app = catalogue.appSchema.extend({ releases: z.array(catalogue.releaseSummarySchema) });

export type Submission = z.infer<typeof submission>;
export type Release = z.infer<typeof release>;
export type ReleaseSummary = z.infer<typeof catalogue.releaseSummarySchema>;

const problem = z.looseObject({ detail: z.string(), code: z.string().optional() });

/** The report of an answer for `reportAsText`, which takes every code as a word. */
export function asReport(parsed: z.infer<typeof report>): Report {
  return parsed as Report;
}

/** What the store answered, if it is what was asked for. @throws CommandError where it isn't */
export function understand<T>(schema: z.ZodType<T>, { body, status }: StoreAnswer, { url }: Store): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `${url.href} answered something (${status}) that a Portcullis gate of this version would not.`,
  );
}

/** The code of a problem document (RFC 9457); null where the answer is none. */
export function problemCode({ body }: StoreAnswer): string | null {
  const parsed = problem.safeParse(body);
  return parsed.success ? (parsed.data.code ?? null) : null;
}

/** What the store says is wrong, for people. */
export function problemWords({ body, status }: StoreAnswer, { url }: Store): string {
  const parsed = problem.safeParse(body);
  if (parsed.success) return `${parsed.data.detail}${parsed.data.code === undefined ? '' : ` (${parsed.data.code})`}`;
  const redirected = status >= 300 && status < 400 ? '. It sends us elsewhere, where the token does not go' : '';
  return `${url.href} answered with the status ${status} and no explanation${redirected}. Is it the address of a Portcullis gate?`;
}

/** The end of a command that asked the store and got a problem. */
export function failure(answer: StoreAnswer, store: Store): CommandError {
  return new CommandError(`The store says: ${problemWords(answer, store)}`);
}
