import type { JSX } from 'preact';
import { useAttempt } from './form.js';

/** What a form carries along unseen; what was sent before stays. */
export function Hidden({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  const typed = useAttempt()?.values[name];
  return <input type="hidden" name={name} value={typeof typed === 'string' ? typed : value} />;
}
