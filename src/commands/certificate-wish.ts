import { z } from 'zod';
import { requireProvableUrl } from '../authority/declared-url.js';
import { normalizeSerial } from '../authority/read-ledger.js';
import { RequestError } from '../request-error.js';
import { UsageError, type Arguments } from './command.js';
import { isSet, textOption } from './option-values.js';
import { pastTimeOption } from './time-option.js';

/** What is asked for, in the words of the API. @throws UsageError where it contradicts itself */
export function readWish(args: Arguments, now: Date): Readonly<Record<string, unknown>> {
  const [isLost, isAdditional] = [isSet(args, 'lost'), isSet(args, 'additional')];
  if (isLost && isAdditional) throw new UsageError('Give one of --lost and --additional.');
  if (!isLost && args.positionals.length > 0) throw new UsageError('Only serials after --lost go without an option.');
  const compromisedSince = pastTimeOption(args, 'compromised-since', now);
  if (compromisedSince !== null && !isLost) throw new UsageError('--compromised-since goes with --lost.');
  const lost = args.positionals.map((text) => {
    const serial = normalizeSerial(text);
    if (serial === null) throw new UsageError(`"${text}" is no serial in hex.`);
    return serial;
  });
  const texts = readTexts(args);
  return {
    ...(isLost ? { purpose: 'lost' } : isAdditional ? { purpose: 'additional' } : {}),
    ...(lost.length > 0 && { lost }),
    ...(compromisedSince !== null && { compromisedSince: compromisedSince.toISOString() }),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
  };
}

const MAX_NOTE = 2_000;

/** What a store would refuse is said before a key is made for it. @throws UsageError */
function readTexts(args: Arguments): Readonly<Record<string, string | undefined>> {
  const [declaredUrl, contact] = [textOption(args, 'website'), textOption(args, 'contact')];
  const note = textOption(args, 'note')?.trim() ?? '';
  if (contact !== undefined && !z.email().max(254).safeParse(contact).success) {
    throw new UsageError('--contact is a mail address.');
  }
  if (note.length > MAX_NOTE) throw new UsageError('A note has at most 2,000 characters.');
  try {
    if (declaredUrl !== undefined) requireProvableUrl(declaredUrl);
  } catch (error) {
    if (error instanceof RequestError) throw new UsageError(`--website: ${error.message}`);
    throw error;
  }
  return { declaredUrl, contact, note };
}
