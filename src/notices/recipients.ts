import { roles, scopesOfRole } from '../accounts/caller.js';
import type { AuditEntry } from '../database/audit-log.js';
import {
  formerOwners,
  listOwnersAt,
  listPeopleInRole,
  listPeopleNamed,
  type Bearings,
  type Person,
} from '../database/concerned-accounts.js';
import type { Queryable } from '../database/connect.js';
import { topicNamed, type TopicName } from './topics.js';

/** Who decides about what others ask for. */
const moderatorRoles = roles.filter((role) => scopesOfRole[role].includes('moderate'));

/** Whom an entry concerns as a topic: at the time when it was written, whoever reads it when. */
export async function peopleConcerned(
  db: Queryable,
  topic: TopicName,
  { entry, position, bearings }: { readonly entry: AuditEntry; readonly position: number; readonly bearings: Bearings },
): Promise<readonly Person[]> {
  switch (topicNamed(topic).concerned) {
    case 'moderators':
      return listPeopleInRole(db, moderatorRoles, position);
    case 'account':
      return listPeopleNamed(db, accountOf(entry));
    case 'developers': {
      const owners = entry.app === null ? [] : await listOwnersAt(db, entry.app, position);
      // Whoever is no owner any more is told that, too.
      const others = topic === 'owners.changed' ? [...textsOf(entry.after, 'owner'), ...formerOwners(entry.after)] : [];
      const submitter = bearings.submitter === null ? [] : [bearings.submitter];
      return listPeopleNamed(db, [...new Set([...owners, ...others, ...submitter])]);
    }
  }
}

/** A token and a webhook say whose they are; an account is itself. */
function accountOf({ subject, after }: AuditEntry): readonly string[] {
  return subject.type === 'account' ? [subject.id] : textsOf(after, 'account');
}

function textsOf(facts: AuditEntry['after'], ...names: readonly string[]): readonly string[] {
  return names.map((name) => facts?.[name]).filter((value) => typeof value === 'string');
}
