import type { Page } from './page.js';
import { accountPages } from './pages/account.js';
import { findingPages } from './pages/findings.js';
import { homePages } from './pages/home.js';
import { auditPages } from './pages/audit.js';
import { peoplePages } from './pages/people.js';
import { personPages } from './pages/person.js';
import { queuePages } from './pages/queue.js';
import { reviewDifferencePages } from './pages/review-difference.js';
import { reviewFilePages } from './pages/review-files.js';
import { reviewPages } from './pages/review.js';
import { rulePages } from './pages/rules.js';
import { statisticsPages } from './pages/statistics.js';
import { storeAppPages } from './pages/store-app.js';
import { storeAppsPages } from './pages/store-apps.js';
import { storeCertificatePages } from './pages/store-certificate.js';
import { storeLedgerPages } from './pages/store-certificates.js';
import { invitationPages } from './pages/invitations.js';
import { openIdPages } from './pages/open-id.js';
import { passwordResetPages } from './pages/password-reset.js';
import { secondFactorPages } from './pages/second-factor.js';
import { signInPages } from './pages/sign-in.js';
import { myAppPages } from './pages/my-apps.js';
import { ownAppPages } from './pages/my-app.js';
import { ownerPages } from './pages/my-app-changes.js';
import { submissionPages } from './pages/submission.js';
import { tokenPages } from './pages/tokens.js';
import { myCertificatePages } from './pages/my-certificates.js';
import { myCertificateRequestPages } from './pages/my-certificate-request.js';
import { ownCertificatePages } from './pages/my-certificate.js';
import { certificateRevocationPages } from './pages/my-certificate-revocation.js';
import { notificationPages } from './pages/notifications.js';
import { webhookPages } from './pages/webhook.js';
import { publicAppPages } from './pages/public-app.js';
import { publicAppsPages } from './pages/public-apps.js';
import { reportAppPages } from './pages/report-app.js';

/** Every page of the console. Of two whose paths fit, the first answers. */
export const pages: readonly Page[] = [
  ...homePages,
  ...signInPages,
  ...openIdPages,
  ...passwordResetPages,
  ...invitationPages,
  ...accountPages,
  ...secondFactorPages,
  ...findingPages,
  ...queuePages,
  ...reviewPages,
  ...reviewDifferencePages,
  ...reviewFilePages,
  ...storeAppsPages,
  ...storeAppPages,
  ...peoplePages,
  ...personPages,
  ...storeLedgerPages,
  ...storeCertificatePages,
  ...rulePages,
  ...auditPages,
  ...statisticsPages,
  ...myAppPages,
  ...ownAppPages,
  ...ownerPages,
  ...submissionPages,
  ...tokenPages,
  ...myCertificatePages,
  ...myCertificateRequestPages,
  ...ownCertificatePages,
  ...certificateRevocationPages,
  ...notificationPages,
  ...webhookPages,
  ...publicAppsPages,
  ...publicAppPages,
  ...reportAppPages,
];
