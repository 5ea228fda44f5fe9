import type { Arguments } from './command.js';

/** The value of an option that takes a text; undefined where it wasn't given. */
export function textOption({ values }: Arguments, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** All values of an option that may be given several times. */
export function textOptions({ values }: Arguments, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Whether an option without a value was given. */
export function isSet({ values }: Arguments, name: string): boolean {
  return values[name] === true;
}
