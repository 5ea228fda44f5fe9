import { leafReasons, type LeafReason } from '../database/certificates.js';
import { UsageError, type Arguments } from './command.js';
import { textOption } from './option-values.js';

/** The reason of `--reason`, in whatever case; null where it isn't given. @throws UsageError for what is none */
export function revocationReason(args: Arguments): LeafReason | null {
  const text = textOption(args, 'reason');
  if (text === undefined) return null;
  const reason = leafReasons.find((each) => each.toLowerCase() === text.toLowerCase());
  if (reason === undefined) throw new UsageError(`--reason is one of ${leafReasons.join(', ')}.`);
  return reason;
}
