import type { CertificateRow } from '../database/certificates.js';

/*
 * What is written to developers. Nothing of it is in the words of whoever asked for the certificate: their address is given
 * by them, and may be anybody's.
 */

/** The day of a time, UTC. */
export function shortDate(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Why this came, at the end of every mail. */
function closing(baseUrl: string): string {
  return `--
Sent by the app store at ${baseUrl}, where this address was given as the contact for the app.
`;
}

/** That a certificate ends, and how to get the next. */
export function renewalWords(
  { appId, serial, fingerprint }: Pick<CertificateRow, 'appId' | 'serial' | 'fingerprint'>,
  notAfter: Date,
  baseUrl: string,
): string {
  return `The certificate that the app ${appId} is signed with ends on ${notAfter.toISOString()}.

  Serial   ${serial}
  SHA-256  ${fingerprint ?? 'not known'}

Releases that are published stay as they are. A release that is uploaded after that time is refused, unless it is
signed with another certificate. If you have one already, there is nothing to do.

To renew it, with the key that you have:

  openssl req -new -key ${appId}.key -out ${appId}.csr -subj "/CN=${appId}"

or with a new one:

  openssl req -new -nodes -newkey rsa:3072 -keyout ${appId}.key -out ${appId}.csr -subj "/CN=${appId}"

Then send the request, with the token that you upload releases with:

  jq -n --rawfile csr ${appId}.csr '{csr: $csr}' |
    curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" --data-binary @- \\
      ${baseUrl}/api/v1/apps/${appId}/signing-requests

${closing(baseUrl)}`;
}

/** What became of a signing request. */
export type RequestVerdict = 'approved' | 'declined' | 'questioned';

const verdictWords: Readonly<Record<RequestVerdict, string>> = {
  approved: 'was approved; the certificate has been issued',
  declined: 'was declined',
  questioned: 'was looked at, and a moderator has a question',
};

/** The subject of mail about a signing request. */
export function verdictSubject(appId: string, verdict: RequestVerdict): string {
  return `The signing request for ${appId} ${verdict === 'questioned' ? 'needs an answer' : `was ${verdict}`}`;
}

/**
 * That a signing request was decided, or that something is asked.
 *
 * @param words the moderator's
 */
export function verdictBody(
  request: { readonly id: string; readonly appId: string },
  verdict: RequestVerdict,
  words: string,
  baseUrl: string,
): string {
  const quoted = words.trim() === '' ? '' : `\n${words.trim().replace(/^/gm, '  ')}\n`;
  return `The signing request ${request.id} for the app ${request.appId} ${verdictWords[verdict]}.
${quoted}
See ${baseUrl}/api/v1/signing-requests/${request.id}

${closing(baseUrl)}`;
}
