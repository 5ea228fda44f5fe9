import { execFileSync } from 'node:child_process';

/** Whether a program is on this machine. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `test` where all of these programs are, and elsewhere one that is skipped and says in its title why. */
export function testWith(...programs: readonly string[]): jest.It {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return test;
  const titled = (title: string): string => `${title} (skipped: ${missing.join(', ')} not installed)`;
  const skipped = (title: string, ...rest: [jest.ProvidesCallback?, number?]): void => {
    test.skip(titled(title), ...rest);
  };
  const each = (table: readonly unknown[]) => {
    const ofTable = test.skip.each(table) as (title: string, ...rest: readonly unknown[]) => void;
    return (title: string, ...rest: readonly unknown[]): void => ofTable(titled(title), ...rest);
  };
  return Object.assign(skipped, { each }) as unknown as jest.It;
}
