import type { JSX } from 'preact';
import { z } from 'zod';
import { normalizeSerial } from '../../authority/read-ledger.js';
import type { CertificateSummary, LeafReason } from '../../database/certificates.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Hidden } from '../parts/hidden.js';
import { Card, Facts } from '../parts/sections.js';
import { Day, Time } from '../parts/time.js';
import { Words } from '../parts/words.js';

/* What the pages of owners and of moderators say alike of a revocation. */

/** The serial in a path, as openssl prints it or the ledger spells it. */
export const serialParams = z.object({
  serial: z
    .string()
    .max(100)
    .transform((text) => normalizeSerial(text) ?? ''),
});

/** The last step: the order as it stands, why it is given, and the way back. */
export function RevokeNow({
  path,
  reason,
  words,
  since,
  hint,
}: {
  /** Of the certificate's page. */
  readonly path: string;
  readonly reason: LeafReason;
  readonly words: string;
  readonly since: Date | undefined;
  /** Who reads the note. */
  readonly hint: string;
}): JSX.Element {
  return (
    <Card title="Revoke it">
      <p>
        {words}
        {since !== undefined && (
          <>
            , since <Day at={since} />
          </>
        )}
        .
      </p>
      <Form action={`${path}/revocation`}>
        <Hidden name="reason" value={reason} />
        <Hidden name="since" value={since === undefined ? '' : since.toISOString().slice(0, 10)} />
        <Textarea name="note" label="Why, in words" hint={hint} required rows={3} maxlength={2_000} />
        <span class="cluster">
          <Button look="danger">Revoke it now</Button>
          <ButtonLink href={path}>Leave it</ButtonLink>
        </span>
      </Form>
    </Card>
  );
}

/** When and why a certificate was revoked; nothing of one that was not. */
export function HowRevoked({
  certificate: { revokedAt, revocationReason, revocationNote, invalidityDate },
  reasonWords,
}: {
  readonly certificate: Pick<
    CertificateSummary,
    'revokedAt' | 'revocationReason' | 'revocationNote' | 'invalidityDate'
  >;
  readonly reasonWords: Readonly<Record<LeafReason, string>>;
}): JSX.Element | null {
  if (revokedAt === null) return null;
  return (
    <>
      <Facts
        facts={[
          ['When', <Time at={revokedAt} />],
          ['Reason', revocationReason === null ? null : reasonWords[revocationReason]],
          ['In wrong hands', invalidityDate === null ? null : <Day at={invalidityDate} />],
        ]}
      />
      {revocationNote !== null && revocationNote !== '' && <Words text={revocationNote} />}
    </>
  );
}
