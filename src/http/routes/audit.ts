import { Readable } from 'node:stream';
import { z } from 'zod';
import { auditSubjects, type AuditSubjectType } from '../../database/audit-log.js';
import { writeExport } from '../../moderation/audit-export.js';
import { auditHead, checkReceipt, copyAudit, readAudit } from '../../moderation/read-audit.js';
import { defineRoute, type Route } from '../route.js';

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256, lower-case hex.' });
const time = z.iso.datetime();
const position = z.int().min(1).meta({ description: 'Counts the entries from 1 on, without a gap.' });
const subjectSchema = z.object({ type: z.enum(auditSubjects), id: z.string() });
const factsSchema = z.record(z.string(), z.unknown()).nullable();

const entrySchema = z
  .object({
    position,
    hash,
    at: time,
    kind: z.string().meta({ description: 'What happened: `release-published`, `review-verdict` …' }),
    actor: z.string().meta({ description: 'The account that did it; `(public)` for somebody without one.' }),
    app: z.string().nullable(),
    subject: subjectSchema,
    reason: z.string(),
    before: factsSchema,
    after: factsSchema,
    request: z
      .string()
      .nullable()
      .meta({ description: 'The `X-Request-Id` of the answer to the request that did it.' }),
  })
  .meta({ id: 'AuditEntry' });

const subjectParam = z
  .string()
  .max(300)
  .regex(new RegExp(`^(?:${auditSubjects.join('|')}):.+$`))
  .transform((text) => {
    const [type = ''] = text.split(':', 1);
    return { type: type as AuditSubjectType, id: text.slice(type.length + 1) };
  });
// As the log has them: UTC, to the millisecond.
const timeParam = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** The log of everything that was decided and changed. */
export const auditRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/audit',
      operationId: 'readAudit',
      tag: 'Audit',
      access: 'bearer',
      summary: 'What was decided and changed, the newest first',
      responses: {
        200: {
          description: 'For moderators.',
          schema: z.object({ entries: z.array(entrySchema), next: z.string().nullable() }),
        },
        403: { description: 'Not a moderator.' },
      },
    },
    {
      query: z.object({
        app: z.string().max(64).optional(),
        kind: z.string().max(64).optional(),
        actor: z.string().max(64).optional().meta({ description: 'The name of an account, or `(public)`.' }),
        subject: subjectParam.optional().meta({ description: '`TYPE:ID`: `release:calendar@1.0.0`, say.' }),
        since: timeParam.optional(),
        until: timeParam.optional().meta({ description: 'Before this time.' }),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        after: z
          .string()
          .regex(/^\d{1,15}$/)
          .optional()
          .meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, caller, query: { limit, after, app, kind, actor, subject, since, until } }) => {
      // One more than asked tells whether there is a next page.
      const page = { before: after === undefined ? null : Number(after), limit: limit + 1 };
      const filter = {
        appId: app ?? null,
        kind: kind ?? null,
        actor: actor ?? null,
        subject: subject ?? null,
        since: since ?? null,
        until: until ?? null,
      };
      const found = await readAudit(gate, caller, filter, page);
      const entries = found.slice(0, limit).map((entry) => ({ ...entry, actor: entry.actor.account }));
      const last = entries.at(-1);
      const next = found.length > limit && last !== undefined ? String(last.position) : null;
      return { status: 200, json: { entries, next } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/audit/export',
      operationId: 'exportAudit',
      tag: 'Audit',
      access: 'bearer',
      summary: 'The whole log, to be verified elsewhere',
      description:
        'An entry a line: `{"position", "previous", "hash", "entry"}`, where `hash` is the SHA-256 of `previous`, a line feed, `position`, a line feed and `entry`, which is a text. The last line, `{"head": {"position", "hash"}}`, says where it ends: without it the export broke off. `portcullis audit verify FILE` checks it.',
      responses: {
        200: { description: 'As it stands at this moment. For moderators.', contentType: 'application/x-ndjson' },
        403: { description: 'Not a moderator.' },
      },
    },
    {},
    async ({ gate, caller }) => {
      const { head, rows } = await copyAudit(gate, caller);
      const headers = {
        'content-type': 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="audit-${head.position}.ndjson"`,
        'cache-control': 'no-store',
      };
      return { status: 200, headers, stream: Readable.from(writeExport(rows, head)) };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/audit/head',
      operationId: 'readAuditHead',
      tag: 'Audit',
      access: 'public',
      summary: 'Where the audit log ends',
      description:
        'For whoever wants to be a witness: a log that is changed before this position later can not have this hash there.',
      responses: {
        200: {
          description: 'The position of the last entry, 0 where there is none, and its hash.',
          schema: z.object({ position: z.int().min(0), hash }),
        },
      },
    },
    {},
    async ({ gate }) => ({ status: 200, headers: { 'cache-control': 'no-store' }, json: await auditHead(gate) }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/audit/{hash}',
      operationId: 'checkReceipt',
      tag: 'Audit',
      access: 'public',
      summary: 'Whether a receipt stands in the log',
      description: 'Never tells who decided, nor why.',
      responses: {
        200: {
          description: '`kind` and `subject` are null for an entry that no receipts are given for.',
          schema: z.object({
            position,
            hash,
            at: time,
            kind: z.string().nullable(),
            subject: subjectSchema.nullable(),
          }),
        },
        404: { description: 'No entry has this hash.' },
      },
    },
    { params: z.object({ hash }) },
    async ({ gate, params }) => ({ status: 200, json: await checkReceipt(gate, params.hash) }),
  ),
];
