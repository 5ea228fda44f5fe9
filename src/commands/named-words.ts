import { UsageError, type Arguments } from './command.js';
import { textOption } from './option-values.js';

/** Exactly the words that the command takes, by their names in its usage. @throws UsageError */
export function namedWords<const Names extends readonly string[]>(
  { positionals }: Arguments,
  names: Names,
): { readonly [Index in keyof Names]: string } {
  const missing = names[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`);
  if (positionals.length > names.length)
    throw new UsageError(`"${positionals[names.length] ?? ''}" is one word too many.`);
  return positionals as unknown as { readonly [Index in keyof Names]: string };
}

/** For {@link changeReason}. */
export const reasonOption = { reason: { type: 'string' } } as const;
export const reasonHelp = { reason: 'why; kept with the change' };

/** Why something is changed, as `--reason` says. @throws UsageError */
export function changeReason(args: Arguments): string {
  const reason = textOption(args, 'reason')?.trim() ?? '';
  if (reason === '') throw new UsageError('A reason is needed: --reason TEXT');
  if (reason.length > 2_000) throw new UsageError('A reason has at most 2,000 characters.');
  return reason;
}
