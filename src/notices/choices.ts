import { isModerator, requireAccountManager, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { findAccount } from '../database/accounts.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { inTransaction, type Queryable } from '../database/connect.js';
import { listNotificationChoices, setNotificationChoice } from '../database/notification-choices.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { isTopic, topicNamed, topicNames, type TopicName } from './topics.js';

/** A topic as its account chooses about it. */
export interface TopicChoice {
  readonly topic: TopicName;
  readonly summary: string;
  readonly byMail: boolean;
  /** What it is where nothing was chosen. */
  readonly byDefault: boolean;
  /** False for what is always told. */
  readonly canChange: boolean;
}

export interface Choices {
  /** Where mail goes; null where the account has no address, and gets none. */
  readonly email: string | null;
  /** Whether this store sends mail at all. */
  readonly storeSendsMail: boolean;
  readonly topics: readonly TopicChoice[];
}

/**
 * What the caller's account is told by mail, topic by topic; moderators' topics only for moderators.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`
 */
export async function readChoices(gate: Pick<Gate, 'database' | 'mail'>, caller: Caller): Promise<Choices> {
  requireAccountManager(caller);
  return choicesOf(gate.database, gate, caller);
}

async function choicesOf(db: Queryable, { mail }: Pick<Gate, 'mail'>, caller: Caller): Promise<Choices> {
  const chosen = new Map(
    (await listNotificationChoices(db, caller.accountId)).map((each) => [each.topic, each.byMail]),
  );
  const account = await findAccount(db, caller.accountName);
  return {
    email: account?.email ?? null,
    storeSendsMail: mail !== null,
    topics: topicNames
      .filter((name) => topicNamed(name).concerned !== 'moderators' || isModerator(caller))
      .map((topic) => {
        const { summary, byMail, isFixed } = topicNamed(topic);
        const canChange = isFixed !== true;
        return {
          topic,
          summary,
          byMail: canChange ? (chosen.get(topic) ?? byMail) : true,
          byDefault: byMail,
          canChange,
        };
      }),
  };
}

/**
 * Changes what the caller's account is told by mail; topics that are not named stay as they are.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `INVALID_REQUEST` for a topic that there is not, or that can't be switched off
 */
export async function changeChoices(
  gate: Pick<Gate, 'database' | 'mail' | 'now'>,
  caller: Caller,
  wishes: Readonly<Record<string, boolean>>,
): Promise<Choices> {
  requireAccountManager(caller);
  return inTransaction(gate.database, async (tx) => {
    await requireLiveToken(tx, caller, gate.now());
    const { topics } = await choicesOf(tx, gate, caller);
    const before: Record<string, boolean> = {};
    const after: Record<string, boolean> = {};
    for (const [name, byMail] of Object.entries(wishes)) {
      const current = isTopic(name) ? topics.find(({ topic }) => topic === name) : undefined;
      if (current === undefined)
        throw new RequestError('INVALID_REQUEST', 'One of the topics is not one of this store.');
      if (!current.canChange && !byMail) {
        throw new RequestError('INVALID_REQUEST', `The topic "${current.topic}" can't be switched off.`);
      }
      if (current.byMail === byMail) continue;
      await setNotificationChoice(tx, caller.accountId, { topic: current.topic, byMail });
      before[current.topic] = current.byMail;
      after[current.topic] = byMail;
    }
    if (Object.keys(after).length > 0) {
      await appendAuditEntry(tx, {
        kind: 'account-notifications-changed',
        accountId: caller.accountId,
        appId: null,
        subject: { type: 'account', id: caller.accountName },
        reason: '',
        before,
        after,
      });
    }
    return choicesOf(tx, gate, caller);
  });
}
