/** What a page says after a form was accepted and led there. Nothing else is ever said that way: no text comes from outside. */
export const flashes = {
  'signed-out': 'You are signed out.',
  'sign-in-expired': 'That took too long. Sign in again.',
  'password-set': 'Your new password is set. Sign in with it.',
  'password-changed': 'Your password is changed. Your other sessions are ended.',
  'password-removed': 'Your password is removed.',
  'second-factor-removed': 'The second step at sign-in is removed.',
  'other-sessions-ended': 'Your other sessions are ended.',
  'identity-linked': 'The identity is linked to your account.',
  'identity-unlinked': 'The identity is no longer linked.',
  'email-changed': 'Your e-mail address is changed.',
  'invitation-accepted': 'The invitation is accepted.',
  'invitation-declined': 'The invitation is declined.',
  'nothing-free': 'Nothing waits that is free, and yours to decide.',
  'review-claimed': 'You are at it, for half an hour.',
  'review-let-go': 'Nobody is at it any more.',
  'verdict-given': 'The verdict is given. Its receipt stands below.',
  'verdict-proposed': 'The verdict is proposed: a second moderator must agree.',
  objected: 'The proposal is off the table. It waits for a moderator again.',
  'question-asked': 'The question is asked.',
  'inspected-again': 'The gate has looked at it again.',
  'note-added': 'The note is added.',
  'invitation-revoked': 'The invitation is revoked.',
  'token-revoked': 'The token is revoked.',
  'app-suspended': 'The app is suspended.',
  'app-reinstated': 'The suspension of the app is ended.',
  'app-reinstated-partly':
    'The suspension of the app is ended, but not all of it came back: each release below says why.',
  'account-suspended': 'The account is suspended, and signed out everywhere.',
  'account-reinstated': 'The suspension of the account is ended.',
  'certificate-revoked': 'The certificate is revoked.',
  'release-withdrawn': 'The release is withdrawn.',
  'app-left': 'You are no owner of the app any more.',
  appealed: 'Your appeal is sent. A moderator looks at it.',
  answered: 'Your answer is sent.',
  'certificate-asked': 'Your request is sent. A moderator looks at it.',
  'certificate-asked-before': 'This very request is open already: here it is.',
  'request-withdrawn': 'The request is taken back.',
  'webhook-pinged': 'A test is on its way.',
  'webhook-replayed': 'It is sent again.',
  'webhook-removed': 'The webhook is removed.',
  saved: 'Saved.',
} as const;

export type FlashCode = keyof typeof flashes;

export function isFlashCode(text: string): text is FlashCode {
  return Object.hasOwn(flashes, text);
}
