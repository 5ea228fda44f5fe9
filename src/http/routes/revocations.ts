import { z } from 'zod';
import { FIRST_REVOCATION_TIME } from '../../authority/list-terms.js';
import { previewForCaller, revokeForCaller } from '../../authority/revoke-as-caller.js';
import { revokeByKeyHolder } from '../../authority/revoke-by-key-holder.js';
import * as json from '../certificate-representations.js';
import { defineRoute, type Route } from '../route.js';
import { fingerprintParam, serialParam } from './serial-param.js';

const params = z.object({ serial: serialParam });

const invalidityDate = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((time) => time >= FIRST_REVOCATION_TIME, 'lies before all certificates')
  .meta({ description: 'Since when the key is thought to have been in wrong hands, as far as that is known.' });

const refused = {
  403: { description: 'Neither a moderator nor an owner of the app, or the token does not carry `manage`.' },
  404: {
    description: 'No certificate with this serial in the ledger, or the one there does not have this fingerprint.',
  },
};

/** Taking certificates back. */
export const revocationRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/certificates/{serial}/revocation',
      operationId: 'previewRevocation',
      tag: 'Certificates',
      access: 'bearer',
      summary: 'What revoking a certificate would do',
      description:
        'For moderators and the owners of the app. Nothing is changed. With `keyCompromise` every certificate over the same key is revoked, and releases are quarantined that were published since the key was in wrong hands.',
      responses: { 200: { description: 'What would be done.', schema: json.revocationEffectSchema }, ...refused },
    },
    {
      params,
      query: z.object({
        reason: json.reasonSchema.default('unspecified'),
        invalidityDate: invalidityDate.nullable().default(null),
        fingerprint: fingerprintParam.nullable().default(null),
      }),
    },
    async ({ gate, caller, params: { serial }, query }) => {
      const effect = await previewForCaller(gate, caller, { serial, ...query });
      return { status: 200, json: json.revocationEffect(effect, gate.now()) };
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/certificates/{serial}/revocation',
      operationId: 'revokeCertificate',
      tag: 'Certificates',
      access: 'bearer',
      summary: 'Revoke a certificate',
      description:
        'For moderators, and for the owners of the app with a token that carries `manage`. In force at once and for good: revoking again is no fault, and can only say that it was worse, a compromise or an earlier one. With `keyCompromise` every certificate over the same key is revoked with it.',
      responses: {
        200: {
          description: 'What was done.',
          schema: json.revocationEffectSchema.extend({
            list: z.enum(['signed', 'pending']).meta({
              description:
                '`pending`: it is in force, and the revocation list will say so as soon as it can be signed.',
            }),
          }),
        },
        ...refused,
      },
    },
    {
      params,
      body: z.strictObject({
        reason: json.reasonSchema,
        invalidityDate: invalidityDate.nullable().default(null),
        note: z
          .string()
          .trim()
          .max(2_000)
          .default('')
          .meta({ description: 'Why, in words; for the owners of the app and the store, and not public.' }),
        fingerprint: fingerprintParam.nullable().default(null),
      }),
    },
    async ({ gate, caller, params: { serial }, body }) => {
      const revoked = await revokeForCaller(gate, caller, { serial, ...body });
      return { status: 200, json: { ...json.revocationEffect(revoked, gate.now()), list: revoked.list } };
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/revocations',
      operationId: 'revokeByKeyHolder',
      tag: 'Certificates',
      access: 'public',
      summary: 'Revoke a certificate by its own key',
      description:
        "Without an account, for whoever holds the key: `printf 'revoke' | openssl cms -sign -signer leaf.crt -inkey leaf.key -outform PEM -nodetach`. The reason is `keyCompromise`, and every certificate over the key is revoked.",
      responses: {
        200: {
          description: 'It is revoked; also where it was before.',
          schema: json.revokedByKeySchema,
        },
        404: { description: 'The store has no authority of its own.' },
        422: { description: 'The message proves nothing; the problem says why.' },
      },
    },
    { body: z.strictObject({ cms: z.string().meta({ description: 'A CMS SignedData in PEM.' }) }) },
    async ({ gate, body }) => {
      const revoked = await revokeByKeyHolder(gate, body.cms);
      return { status: 200, json: json.revokedByKey(revoked, gate.now()) };
    },
  ),
];
