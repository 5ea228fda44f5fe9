import type { AuditFacts } from '../database/audit-log.js';
import { linkOf, type Told } from './topic-texts.js';

/** Facts of an entry that a program may want, and that say nothing of who decided. */
const FACTS = [
  'outcome',
  'codes',
  'versions',
  'archive',
  'signed',
  'status',
  'verdict',
  'reasonCode',
  'review',
  'trustLevel',
  'role',
  'owner',
  'serial',
  'notAfter',
  'scopes',
  'apps',
] as const;

/**
 * What a webhook is sent about an entry: `{type, timestamp, data}` as Standard Webhooks has it, with ids, codes and links;
 * never anybody's words, nor who decided.
 */
export function webhookBody(told: Told, position: number): string {
  const { topic, entry, bearings } = told;
  const { submissionId: submission, reviewId: review, version } = bearings;
  return JSON.stringify({
    type: topic,
    timestamp: entry.at,
    data: {
      position,
      app: entry.app,
      version,
      submission,
      review,
      subject: entry.subject,
      facts: { ...pick(entry.after) },
      link: linkOf(told),
    },
  });
}

/** What a test of the connection is sent. */
export function pingBody(webhookId: string, at: Date): string {
  return JSON.stringify({ type: 'ping', timestamp: at.toISOString(), data: { webhook: webhookId } });
}

function pick(facts: AuditFacts | null): AuditFacts {
  return Object.fromEntries(FACTS.flatMap((name) => (facts?.[name] === undefined ? [] : [[name, facts[name]]])));
}
