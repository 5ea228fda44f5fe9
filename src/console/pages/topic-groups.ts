import { isModerator, type Caller } from '../../accounts/caller.js';
import { topicNamed, topicNames, type TopicName } from '../../notices/topics.js';

/** Topics as people look for them, by the beginning of their names. */
const groups: readonly { readonly title: string; readonly beginnings: readonly string[] }[] = [
  { title: 'Uploads, questions and appeals', beginnings: ['submission', 'question', 'answer', 'appeal'] },
  { title: 'Releases', beginnings: ['release'] },
  { title: 'Certificates and keys', beginnings: ['certificate', 'key'] },
  { title: 'Your apps', beginnings: ['app', 'owners'] },
  { title: 'Your account', beginnings: ['account'] },
];

const FOR_MODERATORS = 'For moderators';
const OTHERS = 'Others';

function titleOf(name: TopicName): string {
  if (topicNamed(name).concerned === 'moderators') return FOR_MODERATORS;
  // A moderator's decision about an upload is its developer's.
  const beginning = name === 'review.decided' ? 'submission' : (name.split('.')[0] ?? '');
  return groups.find(({ beginnings }) => beginnings.includes(beginning))?.title ?? OTHERS;
}

/** Things that are about a topic each, under the headings that people look for them under; no group is empty. */
export function groupByTopic<T>(
  all: readonly T[],
  topicOf: (each: T) => TopicName,
): readonly { readonly title: string; readonly members: readonly T[] }[] {
  return [...groups.map(({ title }) => title), OTHERS, FOR_MODERATORS]
    .map((title) => ({ title, members: all.filter((each) => titleOf(topicOf(each)) === title) }))
    .filter(({ members }) => members.length > 0);
}

/** The topics that an account may be told of. */
export function topicsFor(caller: Caller): readonly [TopicName, ...TopicName[]] {
  const [first, ...others] = topicNames.filter(
    (name) => topicNamed(name).concerned !== 'moderators' || isModerator(caller),
  );
  if (first === undefined) throw new Error('There are no topics');
  return [first, ...others];
}
