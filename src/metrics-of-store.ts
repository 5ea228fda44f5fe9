import { authorityLists, trustedAuthorities } from './authority/expiry.js';
import { listFetchedRevocationLists } from './database/fetched-revocation-lists.js';
import {
  countCertificates,
  countReleases,
  countSigningRequests,
  countSubmissions,
  readLeafEnds,
} from './database/figures.js';
import { readAuditLag } from './database/audit-readers.js';
import { countMail } from './database/outgoing-mail.js';
import { reviewKinds, reviewStates } from './database/reviews.js';
import { countStandingFindings } from './database/standing-findings.js';
import { readOldestArchiveTurn } from './database/standing-looks.js';
import { countOpenReviews } from './database/statistics.js';
import { countDeliveries } from './database/webhook-deliveries.js';
import type { Gate } from './gate.js';
import { MAX_MAIL_ATTEMPTS } from './notices/send-mail.js';
import { TELLING } from './notices/tell-people.js';
import { standingCodes } from './policy/standing.js';
import { printable } from './report/printable.js';

/** A metric and its values. */
export interface Family {
  readonly name: `portcullis_${string}`;
  readonly help: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** What the metrics are read from. */
export type MetricParts = Pick<
  Gate,
  'database' | 'now' | 'version' | 'trust' | 'expiryNoticeDays' | 'revocationListUrls'
>;

/** Each part is read by itself, so that one which fails takes no other with it. */
export const metricParts: Readonly<Record<string, (gate: MetricParts) => Promise<readonly Family[]>>> = {
  build: async ({ version }) => [
    {
      name: 'portcullis_build_info',
      help: 'The version of this software.',
      samples: [{ labels: { version }, value: 1 }],
    },
  ],
  trust: readTrust,
  fetched_lists: readFetchedLists,
  certificates: readCertificates,
  signing_requests: async ({ database }) => [
    {
      name: 'portcullis_signing_requests',
      help: 'Signing requests, by state.',
      samples: countSamples('state', await countSigningRequests(database), [
        'pending',
        'questioned',
        'approved',
        'declined',
        'withdrawn',
      ]),
    },
  ],
  releases: async ({ database }) => [
    {
      name: 'portcullis_releases',
      help: 'Releases, by status.',
      samples: countSamples('status', await countReleases(database), ['published', 'withdrawn', 'quarantined']),
    },
  ],
  submissions: async ({ database }) => [
    {
      name: 'portcullis_submissions',
      help: 'Submissions, by outcome.',
      samples: countSamples('outcome', await countSubmissions(database), ['accepted', 'held', 'refused']),
    },
  ],
  reviews: readReviews,
  mail: async ({ database }) => [
    {
      name: 'portcullis_mail',
      help: 'Mail of the store: waiting to be sent, sent, or given up after many attempts.',
      samples: countSamples('state', await countMail(database, MAX_MAIL_ATTEMPTS), ['waiting', 'sent', 'given-up']),
    },
  ],
  webhooks: async ({ database }) => [
    {
      name: 'portcullis_webhook_deliveries',
      help: 'Deliveries to webhooks that are still in the log: waiting, delivered, or given up after many attempts.',
      samples: countSamples('state', await countDeliveries(database), ['waiting', 'delivered', 'given-up']),
    },
  ],
  standing: readStanding,
  telling: async ({ database }) => [
    {
      name: 'portcullis_telling_lag_entries',
      help: 'Entries of the audit log of which nobody has been told yet.',
      samples: [{ labels: {}, value: await readAuditLag(database, TELLING) }],
    },
  ],
};

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_LABEL = 200;

async function readReviews({ database, now }: MetricParts): Promise<readonly Family[]> {
  const open = await countOpenReviews(database);
  const at = now();
  const openStates = reviewStates.filter((state) => state !== 'closed');
  return [
    {
      name: 'portcullis_reviews_open',
      help: 'Reviews that are not decided, by kind and by whom they wait for.',
      samples: reviewKinds.flatMap((kind) =>
        openStates.map((state) => ({
          labels: { kind, state },
          value: open.find((each) => each.kind === kind && each.state === state)?.count ?? 0,
        })),
      ),
    },
    {
      name: 'portcullis_reviews_oldest_age_seconds',
      help: 'How long the oldest review of a kind has been open that is not decided; 0 where there is none.',
      samples: reviewKinds.map((kind) => {
        const ages = open.filter((each) => each.kind === kind).map(({ oldest }) => at.getTime() - oldest.getTime());
        return { labels: { kind }, value: Math.floor(Math.max(0, ...ages) / 1000) };
      }),
    },
  ];
}

async function readStanding({ database }: MetricParts): Promise<readonly Family[]> {
  const oldest = await readOldestArchiveTurn(database);
  return [
    {
      name: 'portcullis_standing_findings',
      help: 'Of how many releases the standing watch says something, by code.',
      samples: countSamples('code', await countStandingFindings(database), standingCodes),
    },
    {
      name: 'portcullis_standing_archive_turn_seconds',
      help: 'When the stored archive that waits longest to be read again had its last turn, in seconds since 1970.',
      samples: oldest === null ? [] : [{ labels: {}, value: seconds(oldest) }],
    },
  ];
}

async function readTrust({ database, trust }: MetricParts): Promise<readonly Family[]> {
  const current = await trust.current(database);
  const lists = authorityLists(current).map(({ issuer, thisUpdate, nextUpdate }) => ({
    labels: { issuer: label(issuer.subject), key: issuer.publicKeyFingerprint.slice(0, 16) },
    thisUpdate,
    nextUpdate,
  }));
  return [
    {
      name: 'portcullis_certificate_not_after_seconds',
      help: 'Until when a trusted root or intermediate is accepted, in seconds since 1970.',
      samples: trustedAuthorities(current).map(({ kind, certificate, to }) => ({
        labels: { kind, subject: label(certificate.subject), fingerprint: certificate.fingerprint },
        value: seconds(to),
      })),
    },
    {
      name: 'portcullis_crl_this_update_seconds',
      help: 'When the newest revocation list of an authority was made, in seconds since 1970.',
      samples: lists.map(({ labels, thisUpdate }) => ({ labels, value: seconds(thisUpdate) })),
    },
    {
      name: 'portcullis_crl_next_update_seconds',
      help: 'By when a revocation list of an authority is to be renewed, in seconds since 1970.',
      samples: lists.flatMap(({ labels, nextUpdate }) =>
        nextUpdate === null ? [] : [{ labels, value: seconds(nextUpdate) }],
      ),
    },
  ];
}

async function readFetchedLists({ database, revocationListUrls }: MetricParts): Promise<readonly Family[]> {
  const rows = await listFetchedRevocationLists(database, revocationListUrls);
  const labels = addressLabels(revocationListUrls);
  const samples = (value: (row: (typeof rows)[number]) => number | null) =>
    rows.flatMap((row) => {
      const found = value(row);
      return found === null ? [] : [{ labels: { address: labels.get(row.url) ?? '' }, value: found }];
    });
  const time = (date: Date | null): number | null => (date === null ? null : seconds(date));
  return [
    {
      name: 'portcullis_crl_fetch_failing',
      help: 'Whether the last attempt to fetch a revocation list failed.',
      samples: samples(({ failure }) => (failure === null ? 0 : 1)),
    },
    {
      name: 'portcullis_crl_fetch_success_seconds',
      help: 'When a revocation list was last fetched, new or not, in seconds since 1970.',
      samples: samples(({ fetchedAt }) => time(fetchedAt)),
    },
    {
      name: 'portcullis_crl_fetch_attempt_seconds',
      help: 'When an address of a revocation list was last asked, in seconds since 1970.',
      samples: samples(({ attemptedAt }) => time(attemptedAt)),
    },
  ];
}

async function readCertificates({ database, now, expiryNoticeDays }: MetricParts): Promise<readonly Family[]> {
  const at = now();
  const until = new Date(at.getTime() + expiryNoticeDays * DAY_MS);
  const { endingSoon, earliestEnd } = await readLeafEnds(database, { at, until });
  return [
    {
      name: 'portcullis_certificates',
      help: 'Certificates of the ledger, by status.',
      samples: countSamples('status', await countCertificates(database, at), [
        'intended',
        'valid',
        'expired',
        'revoked',
      ]),
    },
    {
      name: 'portcullis_certificates_ending_soon',
      help: 'Valid certificates of apps that end within EXPIRY_NOTICE_DAYS.',
      samples: [{ labels: {}, value: endingSoon }],
    },
    {
      name: 'portcullis_certificates_earliest_end_seconds',
      help: 'When the first of the valid certificates of apps ends, in seconds since 1970.',
      samples: earliestEnd === null ? [] : [{ labels: {}, value: seconds(earliestEnd) }],
    },
  ];
}

/** One sample a kind, also of kinds of which there is none: a series that is there from the start can be watched. */
function countSamples(
  name: string,
  counts: Readonly<Record<string, number>>,
  kinds: readonly string[],
): Family['samples'] {
  return [...new Set([...kinds, ...Object.keys(counts)])].map((kind) => ({
    labels: { [name]: kind },
    value: counts[kind] ?? 0,
  }));
}

/** Addresses as anybody may read them: what stands behind a question mark may be a secret. Each has its own. */
function addressLabels(urls: readonly string[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const url of urls) {
    const { origin, pathname } = new URL(url);
    const address = label(`${origin}${pathname}`);
    const same = [...labels.values()].filter((each) => each === address || each.startsWith(`${address} #`)).length;
    labels.set(url, same === 0 ? address : `${address} #${same + 1}`);
  }
  return labels;
}

function label(text: string): string {
  return printable(text, MAX_LABEL);
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
