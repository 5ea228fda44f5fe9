import type { JSX } from 'preact';
import type { SigningRequestState } from '../../database/signing-requests.js';
import { Badge, type Tone } from '../parts/badge.js';

export function ownCertificatePath(serial: string): string {
  return `console/my/certificates/${encodeURIComponent(serial)}`;
}

export function ownRequestPath(id: string): string {
  return `console/my/certificates/requests/${id}`;
}

const states: Readonly<Record<SigningRequestState, { readonly tone: Tone; readonly words: string }>> = {
  pending: { tone: 'warning', words: 'waits for a moderator' },
  questioned: { tone: 'info', words: 'waits for your answer' },
  approved: { tone: 'good', words: 'granted' },
  declined: { tone: 'bad', words: 'declined' },
  withdrawn: { tone: 'neutral', words: 'withdrawn' },
};

/** How a signing request stands. */
export function RequestState({ state }: { readonly state: SigningRequestState }): JSX.Element {
  const { tone, words } = states[state];
  return <Badge tone={tone}>{words}</Badge>;
}

/** The command that signs with a certificate and its key. App ids hold nothing that a shell understands. */
export function signWith(appId: string): string {
  return `portcullis sign --path ${appId} --key ${appId}.key --cert ${appId}.crt`;
}
