import { readFileSync } from 'node:fs';
import { commands } from '../../../src/cli.js';

const page = readFileSync('docs/cli.md', 'utf8');

test.each(commands.map((command) => [command.name, command] as const))(
  'docs/cli.md names %s and all of its options',
  (name, { options }) => {
    expect(page).toContain(`portcullis ${name} `);
    const unnamed = Object.keys(options).filter((option) => !page.includes(`--${option}`));
    expect(unnamed).toEqual([]);
  },
);
