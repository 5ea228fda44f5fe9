import { z } from 'zod';
import { listApps } from '../client/generated/operations.js';
import type { Input } from '../client/operation-types.js';
import { appsQuery } from '../http/routes/catalogue.js';
import { isTrustLevel, trustLevels } from '../policy/trust-level.js';
import { UsageError, type Arguments, type Command } from './command.js';
import { isSet, textOption } from './option-values.js';
import { askStore } from './store-client.js';
import { publicStore, storeOptionHelp, storeOptions } from './store-client-address.js';
import { failure, understand } from './store-client-answers.js';
import { asTable } from './table.js';

/** As much of it as is shown: a store of another version may say more, or other things. */
const page = z.object({
  apps: z.array(
    z.object({
      id: z.string(),
      summary: z.string().nullable(),
      version: z.string(),
      status: z.string(),
      trustLevel: z.string(),
      signed: z.boolean(),
    }),
  ),
  next: z.string().nullable(),
});

const MOST = 500;
const USUAL = 50;

/** `portcullis apps`: what a store has. */
export const apps: Command = {
  name: 'apps',
  summary: 'Lists the apps of a store, or those that a search finds.',
  usage:
    '[QUERY] [--platform VERSION] [--category NAME] [--level LEVEL] [--signed] [--limit NUMBER] [--url URL] [--json]',
  options: {
    platform: { type: 'string' },
    category: { type: 'string' },
    level: { type: 'string' },
    signed: { type: 'boolean' },
    limit: { type: 'string' },
    url: storeOptions.url,
    json: { type: 'boolean' },
  },
  optionHelp: {
    platform: 'only those that have a release for this version of ownCloud, such as 10.15',
    category: 'only those of this category',
    level: `only those at this trust level: ${trustLevels.join(', ')}`,
    signed: 'only those that are signed',
    limit: `how many at most (${USUAL}; no more than ${MOST})`,
    url: storeOptionHelp.url,
    json: 'prints what the store answers as JSON',
  },
  about: 'What a search finds comes in the order of how well it fits, everything else by id. No token is needed.',
  async run(args, terminal) {
    const query = readQuery(args);
    const store = publicStore(args, terminal);
    const answer = await askStore(store, listApps, { query });
    if (answer.status !== 200) throw failure(answer, store);
    const found = understand(page, answer, store);
    if (isSet(args, 'json')) {
      terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
      return 0;
    }
    const rows = found.apps.map(({ id, version, status, trustLevel, signed, summary }) => [
      id,
      version,
      status === 'published' ? '' : status,
      trustLevel,
      signed ? 'signed' : 'unsigned',
      summary ?? '',
    ]);
    terminal.out(asTable([['ID', 'VERSION', 'STATUS', 'LEVEL', 'SIGNATURE', 'SUMMARY'], ...rows]));
    if (found.next !== null) terminal.err(`There are more than ${query.limit}: see --limit.\n`);
    return 0;
  },
};

function readQuery(args: Arguments): NonNullable<Input<'listApps'>['query']> & { readonly limit: number } {
  const [words, ...more] = args.positionals;
  if (more.length > 0) throw new UsageError('Put the words to look for into quotes, as one.');
  const [platform, category, level] = ['platform', 'category', 'level'].map((name) => textOption(args, name));
  if (words?.trim() === '') throw new UsageError('There is no word in what to look for.');
  requireFit('q', words, 'What to look for has 200 characters at most.');
  requireFit('platform', platform, `"${platform ?? ''}" is no version of ownCloud, such as 10.15.`);
  requireFit('category', category, '--category takes a name of 1 to 64 characters.');
  if (level !== undefined && !isTrustLevel(level)) {
    throw new UsageError(`"${level}" is no trust level: ${trustLevels.join(', ')}.`);
  }
  return {
    limit: readLimit(textOption(args, 'limit')),
    ...(words !== undefined && { q: words, sort: 'relevance' as const }),
    ...(platform !== undefined && { platform }),
    ...(category !== undefined && { category }),
    ...(level !== undefined && { trustLevel: level }),
    ...(isSet(args, 'signed') && { signed: 'true' as const }),
  };
}

/** Says what is wrong before the store is asked, which would answer the same. */
function requireFit(name: 'q' | 'platform' | 'category', value: string | undefined, otherwise: string): void {
  if (!appsQuery.shape[name].safeParse(value).success) throw new UsageError(otherwise);
}

function readLimit(text: string | undefined): number {
  const limit = Number(text ?? USUAL);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw new UsageError(`--limit takes a number from 1 to ${MOST}.`);
}
