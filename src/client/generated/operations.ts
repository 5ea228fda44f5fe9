// Made from the OpenAPI document by `npm run client`; not to be changed by hand.

import { send, type Client } from '../client.js';
import type { Input, Result } from '../operation-types.js';

/**
 * Upload a release.
 * The gate reads the archive, verifies its signature, applies the rules and answers with the submission and its report. The first upload that is not refused makes a free app id yours.
 */
export function uploadRelease(client: Client, input: Input<'uploadRelease'>): Promise<Result<'uploadRelease'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/apps/{appId}/releases', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * An app's releases.
 */
export function listReleases(client: Client, input: Input<'listReleases'>): Promise<Result<'listReleases'>> {
  return send(client, { method: 'GET', path: '/api/v1/apps/{appId}/releases', accept: 'application/json' }, input);
}

/**
 * Ask what the gate would say.
 * The same gate, the rules on the history included. Decides nothing and keeps nothing.
 */
export function validateUpload(client: Client, input: Input<'validateUpload'>): Promise<Result<'validateUpload'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/apps/{appId}/validations', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * What the next upload will need.
 */
export function readRequirements(
  client: Client,
  input: Input<'readRequirements'>,
): Promise<Result<'readRequirements'>> {
  return send(client, { method: 'GET', path: '/api/v1/apps/{appId}/requirements', accept: 'application/json' }, input);
}

/**
 * One submission with its report.
 */
export function readSubmission(client: Client, input: Input<'readSubmission'>): Promise<Result<'readSubmission'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/submissions/{id}', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * An app's submissions, the newest first.
 */
export function listSubmissions(client: Client, input: Input<'listSubmissions'>): Promise<Result<'listSubmissions'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/submissions', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Appeal a refusal.
 * For whoever uploaded it and the owners of the app, within 90 days, once; with the scope `upload` or `manage`. Somebody else decides than who refused it.
 */
export function appealRefusal(client: Client, input: Input<'appealRefusal'>): Promise<Result<'appealRefusal'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/submissions/{id}/appeal', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Answer what a moderator asked.
 * For whoever uploaded it and the owners of the app; with the scope `upload` or `manage`.
 */
export function answerQuestion(client: Client, input: Input<'answerQuestion'>): Promise<Result<'answerQuestion'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/submissions/{id}/answer', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Decide a review.
 * For moderators. Held: `accepted` or `refused`; an appeal: `granted` or `denied`; quarantine: `restored` or `withdrawn`; a report: `dismissed`, `quarantined` or `withdrawn`; a signing request: `approved` or `declined`. What is accepted or granted is inspected anew and published, with the named rules lifted for these very bytes; where a rule is lifted for an official app, the verdict is a proposal.
 */
export function decideReview(client: Client, input: Input<'decideReview'>): Promise<Result<'decideReview'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/reviews/{id}/verdict', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Agree with a verdict that another moderator proposed.
 * For a second moderator, who neither uploaded it nor owns the app. Everything is judged anew. A proposal counts for 7 days.
 */
export function confirmProposal(client: Client, input: Input<'confirmProposal'>): Promise<Result<'confirmProposal'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/reviews/{id}/confirmation', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Object to a verdict that was proposed.
 * For moderators; whoever proposed it may take it back so. The review waits as before.
 */
export function objectToProposal(
  client: Client,
  input: Input<'objectToProposal'>,
): Promise<Result<'objectToProposal'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/reviews/{id}/objection', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Ask the developer something.
 * For moderators; about a submission or a signing request.
 */
export function askDeveloper(client: Client, input: Input<'askDeveloper'>): Promise<Result<'askDeveloper'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/reviews/{id}/question', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Write down something for other moderators.
 * For moderators, who alone read it.
 */
export function addReviewNote(client: Client, input: Input<'addReviewNote'>): Promise<Result<'addReviewNote'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/reviews/{id}/notes', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Run the gate again.
 * For moderators: after a revocation list or a rule changed. What it says is kept beside the first report, and decides nothing.
 */
export function inspectAgain(client: Client, input: Input<'inspectAgain'>): Promise<Result<'inspectAgain'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/reviews/{id}/inspection', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * The canned reasons of verdicts.
 */
export function listReasons(client: Client, input?: Input<'listReasons'>): Promise<Result<'listReasons'>> {
  return send(client, { method: 'GET', path: '/api/v1/reasons', accept: 'application/json' }, input);
}

/**
 * Set how much the store vouches for an app.
 * For moderators. Also for an app that nobody has uploaded yet.
 */
export function changeTrustLevel(
  client: Client,
  input: Input<'changeTrustLevel'>,
): Promise<Result<'changeTrustLevel'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/apps/{appId}/trust-level', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Suspend an app.
 * For moderators. All its published releases go under quarantine, with the reason code `app-suspended`, and no upload, validation or signing request of it is taken.
 */
export function suspendApp(client: Client, input: Input<'suspendApp'>): Promise<Result<'suspendApp'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/apps/{appId}/suspension', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * End the suspension of an app.
 * For moderators who do not own it. What went under quarantine with it comes back, but for what was dealt with otherwise since, or could not be published today: that stays, and waits for a moderator.
 */
export function reinstateApp(client: Client, input: Input<'reinstateApp'>): Promise<Result<'reinstateApp'>> {
  return send(
    client,
    { method: 'DELETE', path: '/api/v1/apps/{appId}/suspension', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * What happened to an app, the newest first.
 * For the owners of the app and operators. The kind `key-exposed` says that an upload, of this app or another, held the private key of a certificate of this app: `detail` names its serial, and it should be revoked.
 */
export function listAppEvents(client: Client, input: Input<'listAppEvents'>): Promise<Result<'listAppEvents'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/events', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * An app's owners.
 */
export function listOwners(client: Client, input: Input<'listOwners'>): Promise<Result<'listOwners'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/owners', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Make an account a co-owner.
 * A developer at once. Moderators and administrators accept an invitation, unless it is an administrator who adds them: nobody decides about an app of their own.
 */
export function addOwner(client: Client, input: Input<'addOwner'>): Promise<Result<'addOwner'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/apps/{appId}/owners/{account}', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Take an account off the owners.
 */
export function removeOwner(client: Client, input: Input<'removeOwner'>): Promise<Result<'removeOwner'>> {
  return send(
    client,
    { method: 'DELETE', path: '/api/v1/apps/{appId}/owners/{account}', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Withdraw a release.
 * Owners withdraw; moderators also quarantine and restore. The version is never used again for other bytes.
 */
export function changeReleaseStatus(
  client: Client,
  input: Input<'changeReleaseStatus'>,
): Promise<Result<'changeReleaseStatus'>> {
  return send(
    client,
    {
      method: 'PUT',
      path: '/api/v1/apps/{appId}/releases/{version}/status',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Your tokens.
 */
export function listTokens(client: Client, input?: Input<'listTokens'>): Promise<Result<'listTokens'>> {
  return send(client, { method: 'GET', path: '/api/v1/tokens', bearer: true, accept: 'application/json' }, input);
}

/**
 * Make another token.
 * Never a mightier one than your own.
 */
export function createToken(client: Client, input: Input<'createToken'>): Promise<Result<'createToken'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/tokens', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Revoke a token.
 * With it goes what stems from it, since perhaps somebody else had it: sessions of the console that were begun with it, tokens that were made with it or in such a session, and open invitations that were made with any of them. Of what the token of an administrator made only tokens that may moderate or operate go with it. To replace a token, make another with it and revoke the old one with the new: the token that asks stays, with what it made.
 */
export function revokeToken(client: Client, input: Input<'revokeToken'>): Promise<Result<'revokeToken'>> {
  return send(client, { method: 'DELETE', path: '/api/v1/tokens/{id}', bearer: true }, input);
}

/**
 * Who you are, and what your token allows.
 */
export function readOwnAccount(client: Client, input?: Input<'readOwnAccount'>): Promise<Result<'readOwnAccount'>> {
  return send(client, { method: 'GET', path: '/api/v1/account', bearer: true, accept: 'application/json' }, input);
}

/**
 * Invite somebody to the store or to an app, or offer an app.
 * Moderators invite developers to the store, administrators anybody; owners invite co-owners and offer their app. It lasts seven days, works once, and only while whoever invited may still do so.
 */
export function invite(client: Client, input: Input<'invite'>): Promise<Result<'invite'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/invitations', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * The invitations that concern you.
 * Made by you, for you, or to an app of yours; moderators see all. Never a secret.
 */
export function listInvitations(client: Client, input?: Input<'listInvitations'>): Promise<Result<'listInvitations'>> {
  return send(client, { method: 'GET', path: '/api/v1/invitations', bearer: true, accept: 'application/json' }, input);
}

/**
 * Make an invitation count for nothing.
 */
export function revokeInvitation(
  client: Client,
  input: Input<'revokeInvitation'>,
): Promise<Result<'revokeInvitation'>> {
  return send(client, { method: 'DELETE', path: '/api/v1/invitations/{id}', bearer: true }, input);
}

/**
 * Accept an invitation.
 * As the account of the bearer token; or, without one, as a new account, or with a new password, as the link says. The secret goes in the body, never in a URL.
 */
export function acceptInvitation(
  client: Client,
  input: Input<'acceptInvitation'>,
): Promise<Result<'acceptInvitation'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/invitations/acceptance', accept: 'application/json', json: true },
    input,
  );
}

/**
 * The accounts, by name.
 * For moderators.
 */
export function listAccounts(client: Client, input?: Input<'listAccounts'>): Promise<Result<'listAccounts'>> {
  return send(client, { method: 'GET', path: '/api/v1/accounts', bearer: true, accept: 'application/json' }, input);
}

/**
 * One account with its apps.
 * For moderators, and for whoever it is.
 */
export function readAccount(client: Client, input: Input<'readAccount'>): Promise<Result<'readAccount'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/accounts/{name}', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Make an account something else in this store.
 * For administrators. What a lower role does not allow, its tokens and sessions do not do from this moment on.
 */
export function changeRole(client: Client, input: Input<'changeRole'>): Promise<Result<'changeRole'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/accounts/{name}/role', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Change the address that mail to an account goes to.
 * One's own, or anybody's as an administrator. A new password can be had through it, so for one's own the password is asked for, where there is one, and a token that is limited to some apps, to a time or to less than its account may do does not change it.
 */
export function changeEmail(client: Client, input: Input<'changeEmail'>): Promise<Result<'changeEmail'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/accounts/{name}/email', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Suspend an account.
 * Moderators suspend developers, administrators everybody, nobody themselves. Its sessions end, and its tokens answer with the reason while it lasts.
 */
export function suspendAccount(client: Client, input: Input<'suspendAccount'>): Promise<Result<'suspendAccount'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/accounts/{name}/suspension', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * End the suspension of an account.
 * Whoever may suspend it may. Its tokens work again; its sessions stay ended.
 */
export function reinstateAccount(
  client: Client,
  input: Input<'reinstateAccount'>,
): Promise<Result<'reinstateAccount'>> {
  return send(
    client,
    {
      method: 'DELETE',
      path: '/api/v1/accounts/{name}/suspension',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Apps, searched, filtered and sorted.
 * Every app that ever published a release, in a stable order; filters go together. An app that changes its place while a list is read may be in it twice, or not at all: `GET /api/v1/changes` is for copies.
 */
export function listApps(client: Client, input?: Input<'listApps'>): Promise<Result<'listApps'>> {
  return send(client, { method: 'GET', path: '/api/v1/apps', accept: 'application/json' }, input);
}

/**
 * One app with its releases.
 */
export function readApp(client: Client, input: Input<'readApp'>): Promise<Result<'readApp'>> {
  return send(client, { method: 'GET', path: '/api/v1/apps/{appId}', accept: 'application/json' }, input);
}

/**
 * One release and whether it stands.
 */
export function readRelease(client: Client, input: Input<'readRelease'>): Promise<Result<'readRelease'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/releases/{version}', accept: 'application/json' },
    input,
  );
}

/**
 * What an upgrade changes on disk.
 */
export function compareReleases(client: Client, input: Input<'compareReleases'>): Promise<Result<'compareReleases'>> {
  return send(client, { method: 'GET', path: '/api/v1/apps/{appId}/upgrade', accept: 'application/json' }, input);
}

/**
 * The status of many releases at once.
 */
export function readReleaseStatuses(
  client: Client,
  input: Input<'readReleaseStatuses'>,
): Promise<Result<'readReleaseStatuses'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/releases/status', accept: 'application/json', json: true },
    input,
  );
}

/**
 * What changed since.
 * Every app and every release of the catalogue that changed after a place, as it is now, in the order of the last changes. Begin without `after`, then go on with `next` for ever: whoever puts each app (by its `id`) and each release (by `appId` and `version`) into a copy, in the place of the one before, has what the lists say. Nothing is missed and nothing comes twice, unless it changed twice, were it only in its details; nothing is ever deleted. An app comes after each of its releases that changed. How often something was downloaded is no change.
 */
export function listChanges(client: Client, input?: Input<'listChanges'>): Promise<Result<'listChanges'>> {
  return send(client, { method: 'GET', path: '/api/v1/changes', accept: 'application/json' }, input);
}

/**
 * The archive of a release that stands.
 */
export function downloadArchive(client: Client, input: Input<'downloadArchive'>): Promise<Result<'downloadArchive'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/releases/{version}/archive', accept: 'application/zip' },
    input,
  );
}

/**
 * The same under the name of its file.
 * For programs that look at the ending of an address, as ownCloud’s servers do.
 */
export function downloadNamedArchive(
  client: Client,
  input: Input<'downloadNamedArchive'>,
): Promise<Result<'downloadNamedArchive'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/releases/{version}/archive/{fileName}', accept: 'application/zip' },
    input,
  );
}

/**
 * Size and SHA-512 of every file of a release.
 */
export function readManifest(client: Client, input: Input<'readManifest'>): Promise<Result<'readManifest'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/releases/{version}/manifest', accept: 'application/json' },
    input,
  );
}

/**
 * A screenshot, or a thumbnail of one.
 * The addresses are in apps and releases. Every image was made anew by the store from the pixels of what its app declares; the digest is that of these bytes.
 */
export function readScreenshot(client: Client, input: Input<'readScreenshot'>): Promise<Result<'readScreenshot'>> {
  return send(client, { method: 'GET', path: '/api/v1/screenshots/{sha256}.webp', accept: 'image/webp' }, input);
}

/**
 * Ask for a certificate.
 * For the owners of the app, and for anybody where it has none and its id is not reserved; with the scope `upload` or `manage`. Where the store lets owners renew by themselves, a renewal is granted at once to a token with the scope `manage`, and the certificate is in the answer.
 */
export function requestCertificate(
  client: Client,
  input: Input<'requestCertificate'>,
): Promise<Result<'requestCertificate'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/apps/{appId}/signing-requests',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * An app's signing requests, the newest first.
 */
export function listSigningRequestsOfApp(
  client: Client,
  input: Input<'listSigningRequestsOfApp'>,
): Promise<Result<'listSigningRequestsOfApp'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/apps/{appId}/signing-requests', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * The signing requests of the store, the oldest first.
 */
export function listSigningRequests(
  client: Client,
  input?: Input<'listSigningRequests'>,
): Promise<Result<'listSigningRequests'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/signing-requests', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * One signing request, and what became of it.
 */
export function readSigningRequest(
  client: Client,
  input: Input<'readSigningRequest'>,
): Promise<Result<'readSigningRequest'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/signing-requests/{id}', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Grant a signing request.
 * For moderators. The certificate is issued, what the request says is lost is revoked, and an app id that was free is the applicant’s.
 */
export function approveSigningRequest(
  client: Client,
  input: Input<'approveSigningRequest'>,
): Promise<Result<'approveSigningRequest'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/signing-requests/{id}/approval',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Ask the applicant something.
 * For moderators.
 */
export function questionSigningRequest(
  client: Client,
  input: Input<'questionSigningRequest'>,
): Promise<Result<'questionSigningRequest'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/signing-requests/{id}/question',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Answer what a moderator asked.
 * For whoever made the request.
 */
export function answerSigningRequest(
  client: Client,
  input: Input<'answerSigningRequest'>,
): Promise<Result<'answerSigningRequest'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/signing-requests/{id}/answer',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Decline a signing request.
 * For moderators.
 */
export function declineSigningRequest(
  client: Client,
  input: Input<'declineSigningRequest'>,
): Promise<Result<'declineSigningRequest'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/signing-requests/{id}/decline',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Take a signing request back.
 * For whoever made it.
 */
export function withdrawSigningRequest(
  client: Client,
  input: Input<'withdrawSigningRequest'>,
): Promise<Result<'withdrawSigningRequest'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/signing-requests/{id}/withdrawal', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Get a one-time value that proves control of the repository or website.
 * For whoever made the request. Publish the value at one of the URLs within 72 hours, and have it checked. A newer value is in the place of an older one.
 */
export function createControlChallenge(
  client: Client,
  input: Input<'createControlChallenge'>,
): Promise<Result<'createControlChallenge'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/signing-requests/{id}/challenge',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Look for the value where it is to be published.
 * For whoever made the request, and moderators; three times a minute at most, and two at a time.
 */
export function checkControlChallenge(
  client: Client,
  input: Input<'checkControlChallenge'>,
): Promise<Result<'checkControlChallenge'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/signing-requests/{id}/challenge/check', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Every certificate that this store ever issued, the newest first.
 */
export function listCertificates(
  client: Client,
  input?: Input<'listCertificates'>,
): Promise<Result<'listCertificates'>> {
  return send(client, { method: 'GET', path: '/api/v1/certificates', accept: 'application/json' }, input);
}

/**
 * One certificate, with its chain and whether it is revoked.
 */
export function readCertificate(client: Client, input: Input<'readCertificate'>): Promise<Result<'readCertificate'>> {
  return send(client, { method: 'GET', path: '/api/v1/certificates/{serial}', accept: 'application/json' }, input);
}

/**
 * What revoking a certificate would do.
 * For moderators and the owners of the app. Nothing is changed. With `keyCompromise` every certificate over the same key is revoked, and releases are quarantined that were published since the key was in wrong hands.
 */
export function previewRevocation(
  client: Client,
  input: Input<'previewRevocation'>,
): Promise<Result<'previewRevocation'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/certificates/{serial}/revocation', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Revoke a certificate.
 * For moderators, and for the owners of the app with a token that carries `manage`. In force at once and for good: revoking again is no fault, and can only say that it was worse, a compromise or an earlier one. With `keyCompromise` every certificate over the same key is revoked with it.
 */
export function revokeCertificate(
  client: Client,
  input: Input<'revokeCertificate'>,
): Promise<Result<'revokeCertificate'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/certificates/{serial}/revocation',
      bearer: true,
      accept: 'application/json',
      json: true,
    },
    input,
  );
}

/**
 * Revoke a certificate by its own key.
 * Without an account, for whoever holds the key: `printf 'revoke' | openssl cms -sign -signer leaf.crt -inkey leaf.key -outform PEM -nodetach`. The reason is `keyCompromise`, and every certificate over the key is revoked.
 */
export function revokeByKeyHolder(
  client: Client,
  input: Input<'revokeByKeyHolder'>,
): Promise<Result<'revokeByKeyHolder'>> {
  return send(client, { method: 'POST', path: '/api/v1/revocations', accept: 'application/json', json: true }, input);
}

/**
 * What waits for a moderator, the oldest first.
 */
export function listReviews(client: Client, input?: Input<'listReviews'>): Promise<Result<'listReviews'>> {
  return send(client, { method: 'GET', path: '/api/v1/reviews', bearer: true, accept: 'application/json' }, input);
}

/**
 * How many reviews wait, by kind and state.
 */
export function countReviews(client: Client, input?: Input<'countReviews'>): Promise<Result<'countReviews'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/reviews/counts', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * One review with everything that belongs to it.
 */
export function readReview(client: Client, input: Input<'readReview'>): Promise<Result<'readReview'>> {
  return send(client, { method: 'GET', path: '/api/v1/reviews/{id}', bearer: true, accept: 'application/json' }, input);
}

/**
 * What it changes against the last published release.
 * Of a submission that waits or is appealed, against the release published last as things stand (of a closed review, as they stood then); of a release, against the one published before it. Files are compared by their SHA-512; how texts differ is told for as many of them as fit into the bounds of a page.
 */
export function readReviewDifference(
  client: Client,
  input: Input<'readReviewDifference'>,
): Promise<Result<'readReviewDifference'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/reviews/{id}/difference', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * One file of the archive, to be looked at.
 * Always plain text: of a text up to 1 MiB, of anything else a hex view of its first 4 KiB. What could mislead (control characters, bidirectional ones) is written as `\u{hex}`.
 */
export function readReviewFile(client: Client, input: Input<'readReviewFile'>): Promise<Result<'readReviewFile'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/reviews/{id}/files/{path}', bearer: true, takesRest: true, accept: 'text/plain' },
    input,
  );
}

/**
 * Say that you are at it, for half an hour.
 * Again for half an hour more. Whatever you do in a review prolongs it, too.
 */
export function claimReview(client: Client, input: Input<'claimReview'>): Promise<Result<'claimReview'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/reviews/{id}/claim', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Let go of a review.
 */
export function letGoOfReview(client: Client, input: Input<'letGoOfReview'>): Promise<Result<'letGoOfReview'>> {
  return send(
    client,
    { method: 'DELETE', path: '/api/v1/reviews/{id}/claim', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Report trouble with an app to the moderators.
 * No account is needed.
 */
export function reportTrouble(client: Client, input: Input<'reportTrouble'>): Promise<Result<'reportTrouble'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/apps/{appId}/reports', accept: 'application/json', json: true },
    input,
  );
}

/**
 * A certificate of the store's own authority.
 * `root.pem`; `intermediate.pem`, which is the one that issues now; and by key `developers.pem`, `developers-2.pem` and so on.
 */
export function readAuthorityCertificate(
  client: Client,
  input: Input<'readAuthorityCertificate'>,
): Promise<Result<'readAuthorityCertificate'>> {
  return send(client, { method: 'GET', path: '/certificates/{name}.pem', accept: 'application/x-pem-file' }, input);
}

/**
 * A revocation list in DER.
 * `root.crl`; and by key `developers.crl`, `developers-2.crl` and so on, as the certificates name them.
 */
export function readRevocationList(
  client: Client,
  input: Input<'readRevocationList'>,
): Promise<Result<'readRevocationList'>> {
  return send(client, { method: 'GET', path: '/crl/{name}.crl', accept: 'application/pkix-crl' }, input);
}

/**
 * A revocation list in PEM.
 */
export function readRevocationListAsPem(
  client: Client,
  input: Input<'readRevocationListAsPem'>,
): Promise<Result<'readRevocationListAsPem'>> {
  return send(client, { method: 'GET', path: '/crl/{name}.pem', accept: 'application/x-pem-file' }, input);
}

/**
 * Whether certificates are revoked, by OCSP.
 * As `openssl ocsp -url` asks. A nonce is repeated; the answer is signed by the issuer itself.
 */
export function askOcsp(client: Client, input: Input<'askOcsp'>): Promise<Result<'askOcsp'>> {
  return send(client, { method: 'POST', path: '/ocsp', accept: 'application/ocsp-response' }, input);
}

/**
 * The same where caches can help.
 * RFC 6960 appendix A.1, RFC 5019 §5.
 */
export function askOcspByGet(client: Client, input: Input<'askOcspByGet'>): Promise<Result<'askOcspByGet'>> {
  return send(
    client,
    { method: 'GET', path: '/ocsp/{request}', takesRest: true, accept: 'application/ocsp-response' },
    input,
  );
}

/**
 * What was decided and changed, the newest first.
 */
export function readAudit(client: Client, input?: Input<'readAudit'>): Promise<Result<'readAudit'>> {
  return send(client, { method: 'GET', path: '/api/v1/audit', bearer: true, accept: 'application/json' }, input);
}

/**
 * The whole log, to be verified elsewhere.
 * An entry a line: `{"position", "previous", "hash", "entry"}`, where `hash` is the SHA-256 of `previous`, a line feed, `position`, a line feed and `entry`, which is a text. The last line, `{"head": {"position", "hash"}}`, says where it ends: without it the export broke off. `portcullis audit verify FILE` checks it.
 */
export function exportAudit(client: Client, input?: Input<'exportAudit'>): Promise<Result<'exportAudit'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/audit/export', bearer: true, accept: 'application/x-ndjson' },
    input,
  );
}

/**
 * Where the audit log ends.
 * For whoever wants to be a witness: a log that is changed before this position later can not have this hash there.
 */
export function readAuditHead(client: Client, input?: Input<'readAuditHead'>): Promise<Result<'readAuditHead'>> {
  return send(client, { method: 'GET', path: '/api/v1/audit/head', accept: 'application/json' }, input);
}

/**
 * Whether a receipt stands in the log.
 * Never tells who decided, nor why.
 */
export function checkReceipt(client: Client, input: Input<'checkReceipt'>): Promise<Result<'checkReceipt'>> {
  return send(client, { method: 'GET', path: '/api/v1/audit/{hash}', accept: 'application/json' }, input);
}

/**
 * Every finding code, and what it weighs in this store.
 */
export function listRules(client: Client, input?: Input<'listRules'>): Promise<Result<'listRules'>> {
  return send(client, { method: 'GET', path: '/api/v1/rules', accept: 'application/json' }, input);
}

/**
 * Give a rule another weight.
 * For administrators. It counts from the next decision on, on every replica. `shadow` reports it, and decides nothing; null gives the word back to the settings.
 */
export function changeRule(client: Client, input: Input<'changeRule'>): Promise<Result<'changeRule'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/rules/{code}', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * How the store decides, in figures.
 */
export function readStatistics(client: Client, input?: Input<'readStatistics'>): Promise<Result<'readStatistics'>> {
  return send(client, { method: 'GET', path: '/api/v1/statistics', bearer: true, accept: 'application/json' }, input);
}

/**
 * What an archive may cost.
 */
export function readLimits(client: Client, input?: Input<'readLimits'>): Promise<Result<'readLimits'>> {
  return send(client, { method: 'GET', path: '/api/v1/limits', accept: 'application/json' }, input);
}

/**
 * Whether the server runs.
 */
export function isAlive(client: Client, input?: Input<'isAlive'>): Promise<Result<'isAlive'>> {
  return send(client, { method: 'GET', path: '/healthz', accept: 'application/json' }, input);
}

/**
 * Whether uploads can be judged.
 */
export function isReady(client: Client, input?: Input<'isReady'>): Promise<Result<'isReady'>> {
  return send(client, { method: 'GET', path: '/readyz', accept: 'application/json' }, input);
}

/**
 * The figures of the store, for Prometheus.
 */
export function readMetrics(client: Client, input?: Input<'readMetrics'>): Promise<Result<'readMetrics'>> {
  return send(client, { method: 'GET', path: '/metrics', accept: 'text/plain' }, input);
}

/**
 * What becomes of a submission, as it happens.
 * Server-sent events. First `state`: how the submission stands now. Then every public entry of the audit log about it, its reviews and its release, with the position in the log as `id`, each followed by `state` again. A comment every 15 seconds. The stream ends when the token or the right to read ends, and when the gate stops; go on with `Last-Event-ID`, and nothing is lost.
 */
export function followSubmission(
  client: Client,
  input: Input<'followSubmission'>,
): Promise<Result<'followSubmission'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/submissions/{id}/events', bearer: true, accept: 'text/event-stream' },
    input,
  );
}

/**
 * Your webhooks.
 */
export function listWebhooks(client: Client, input?: Input<'listWebhooks'>): Promise<Result<'listWebhooks'>> {
  return send(client, { method: 'GET', path: '/api/v1/webhooks', bearer: true, accept: 'application/json' }, input);
}

/**
 * Have a program of yours told what concerns your account.
 * Needs a token with the scope "manage" for every app of the account, and for topics of moderators a moderator. What is sent is `{type, timestamp, data}`, signed as Standard Webhooks has it; answer with a 2xx status within ten seconds. What fails is tried ten times within about three days; a webhook that nothing got through to for so long is switched off.
 */
export function addWebhook(client: Client, input: Input<'addWebhook'>): Promise<Result<'addWebhook'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/webhooks', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * One of your webhooks.
 */
export function readWebhook(client: Client, input: Input<'readWebhook'>): Promise<Result<'readWebhook'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/webhooks/{id}', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Change where a webhook leads, what it is told, and whether it is switched on.
 */
export function changeWebhook(client: Client, input: Input<'changeWebhook'>): Promise<Result<'changeWebhook'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/webhooks/{id}', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Remove a webhook.
 */
export function removeWebhook(client: Client, input: Input<'removeWebhook'>): Promise<Result<'removeWebhook'>> {
  return send(client, { method: 'DELETE', path: '/api/v1/webhooks/{id}', bearer: true }, input);
}

/**
 * Give a webhook a new secret.
 * For a day what is sent carries a signature by each of the two.
 */
export function rotateWebhookSecret(
  client: Client,
  input: Input<'rotateWebhookSecret'>,
): Promise<Result<'rotateWebhookSecret'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/webhooks/{id}/secret', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Send a webhook a test.
 */
export function pingWebhook(client: Client, input: Input<'pingWebhook'>): Promise<Result<'pingWebhook'>> {
  return send(
    client,
    { method: 'POST', path: '/api/v1/webhooks/{id}/ping', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * What a webhook was told.
 */
export function listWebhookDeliveries(
  client: Client,
  input: Input<'listWebhookDeliveries'>,
): Promise<Result<'listWebhookDeliveries'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/webhooks/{id}/deliveries', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Send something again that a webhook was told.
 * The same message under the same `webhook-id`, so that a receiver can tell.
 */
export function replayWebhookDelivery(
  client: Client,
  input: Input<'replayWebhookDelivery'>,
): Promise<Result<'replayWebhookDelivery'>> {
  return send(
    client,
    {
      method: 'POST',
      path: '/api/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
      bearer: true,
      accept: 'application/json',
    },
    input,
  );
}

/**
 * What you are told by mail.
 */
export function readNotificationChoices(
  client: Client,
  input?: Input<'readNotificationChoices'>,
): Promise<Result<'readNotificationChoices'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/account/notifications', bearer: true, accept: 'application/json' },
    input,
  );
}

/**
 * Choose what you are told by mail.
 */
export function changeNotificationChoices(
  client: Client,
  input: Input<'changeNotificationChoices'>,
): Promise<Result<'changeNotificationChoices'>> {
  return send(
    client,
    { method: 'PUT', path: '/api/v1/account/notifications', bearer: true, accept: 'application/json', json: true },
    input,
  );
}

/**
 * Changes of releases, as a JSON Feed.
 * The newest hundred: what was published, withdrawn, put under quarantine, and published again, with the reason and its code.
 */
export function readReleaseFeed(client: Client, input?: Input<'readReleaseFeed'>): Promise<Result<'readReleaseFeed'>> {
  return send(client, { method: 'GET', path: '/feeds/releases.json', accept: 'application/feed+json' }, input);
}

/**
 * Changes of releases, as an Atom feed.
 * The newest hundred: what was published, withdrawn, put under quarantine, and published again, with the reason and its code.
 */
export function readReleaseAtomFeed(
  client: Client,
  input?: Input<'readReleaseAtomFeed'>,
): Promise<Result<'readReleaseAtomFeed'>> {
  return send(client, { method: 'GET', path: '/feeds/releases.atom', accept: 'application/atom+xml' }, input);
}

/**
 * Apps for a version of ownCloud.
 * Every app that is not suspended and has a release for that version that stands, in the order of their ids, each with those releases. `10.15` is answered with what is for any 10.15.
 */
export function listMarketAppsOfPlatform(
  client: Client,
  input: Input<'listMarketAppsOfPlatform'>,
): Promise<Result<'listMarketAppsOfPlatform'>> {
  return send(
    client,
    { method: 'GET', path: '/api/v1/platform/{version}/apps.json', accept: 'application/json' },
    input,
  );
}

/**
 * All apps, for ownCloud’s market app.
 */
export function listMarketApps(client: Client, input?: Input<'listMarketApps'>): Promise<Result<'listMarketApps'>> {
  return send(client, { method: 'GET', path: '/api/v1/apps.json', accept: 'application/json' }, input);
}

/**
 * Categories, for ownCloud’s market app.
 */
export function listMarketCategories(
  client: Client,
  input?: Input<'listMarketCategories'>,
): Promise<Result<'listMarketCategories'>> {
  return send(client, { method: 'GET', path: '/api/v1/categories.json', accept: 'application/json' }, input);
}

/**
 * Bundles, for ownCloud’s market app.
 */
export function listMarketBundles(
  client: Client,
  input?: Input<'listMarketBundles'>,
): Promise<Result<'listMarketBundles'>> {
  return send(client, { method: 'GET', path: '/api/v1/bundles.json', accept: 'application/json' }, input);
}
