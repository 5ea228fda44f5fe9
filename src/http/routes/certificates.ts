import { z } from 'zod';
import { readLedgerCertificate, readLedgerPage } from '../../authority/read-ledger.js';
import * as json from '../certificate-representations.js';
import { defineRoute, type Route } from '../route.js';
import { serialParam } from './serial-param.js';

/** Short: a certificate can be revoked at any moment. */
const reading = { maxAgeSeconds: 60 };

/** The public ledger: every certificate that the store ever issued. */
export const certificateRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/certificates',
      operationId: 'listCertificates',
      tag: 'Certificates',
      access: 'public',
      summary: 'Every certificate that this store ever issued, the newest first',
      reading,
      responses: {
        200: {
          description: 'The certificates, and where the list goes on.',
          schema: z.object({ certificates: z.array(json.certificateEntrySchema), next: z.string().nullable() }),
        },
        404: { description: 'The store has no authority of its own.' },
      },
    },
    {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(500).default(100),
        after: serialParam.optional().meta({ description: 'The `next` of the page before.' }),
        app: z.string().max(64).optional().meta({ description: 'Only those of this app.' }),
        status: json.statusSchema.optional().meta({ description: 'Only those that stand so now.' }),
      }),
    },
    async ({ gate, query: { limit, after = null, app = null, status = null } }) => {
      // One more than asked tells whether there is a next page.
      const found = await readLedgerPage(gate, { appId: app, status, after, limit: limit + 1 });
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.serial ?? null) : null;
      const at = gate.now();
      return { status: 200, json: { certificates: page.map((row) => json.certificateEntry(row, at)), next } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/certificates/{serial}',
      operationId: 'readCertificate',
      tag: 'Certificates',
      access: 'public',
      summary: 'One certificate, with its chain and whether it is revoked',
      reading,
      responses: {
        200: { description: 'The certificate.', schema: json.ledgerCertificateSchema },
        404: { description: 'No such certificate, or the store has no authority of its own.' },
      },
    },
    { params: z.object({ serial: serialParam }) },
    async ({ gate, params }) => ({
      status: 200,
      json: json.ledgerCertificate(await readLedgerCertificate(gate, params.serial), gate.now()),
    }),
  ),
];
