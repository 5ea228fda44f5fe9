import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What each part of the house may import of the others; DESIGN's direction of imports, enforced. */
const allowed = {
  report: [],
  archive: ['report'],
  app: ['report'],
  pki: [],
  signature: ['report', 'pki'],
  inspection: ['report', 'archive', 'app', 'pki', 'signature'],
  policy: ['report', 'app'],
  storage: [],
  network: [],
  client: [],
  database: ['report', 'policy'],
};

const useCases = ['releases', 'moderation', 'accounts', 'storefront', 'authority', 'notices'];
const everything = [...Object.keys(allowed), ...useCases, 'http', 'console', 'commands'];

/** Nobody imports what wires everything together. */
const wiring = ['../compose.js', '../main.js', '../cli.js', '../serve.js'];

function importRule(part, others, extra = []) {
  const forbidden = everything.filter((name) => name !== part && !others.includes(name));
  return {
    files: [`src/${part}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...forbidden.flatMap((name) => [`../${name}/*`, `../../${name}/*`]), ...extra],
              message: `src/${part} may import only: ${others.join(', ') || 'nothing of ours'}.`,
            },
          ],
        },
      ],
    },
  };
}

/** What this house does not write. */
const houseSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
  { selector: 'TSEnumDeclaration', message: 'A union of literals, or a const object.' },
  { selector: 'ClassDeclaration:not([superClass.name=/Error$/])', message: 'A class only for `extends Error`.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels.' },
  { selector: "MemberExpression[object.name='URL'][property.name='canParse']", message: 'See src/parse-url.ts.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/', 'test/fixtures/', 'src/client/generated/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // There are no classes here, hence no `this` to lose; and an async function may well answer at once.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions', 'asyncMethods'] }],
      // Doesn't see that a callback changes a variable in the meantime.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An empty text is as good as none in most places here.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      // pg's type ids are numbers on the wire.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': ['error', ...houseSyntax],
    },
  },
  ...Object.entries(allowed).map(([part, others]) => importRule(part, others, wiring)),
  ...useCases.map((part) =>
    importRule(
      part,
      everything.filter((name) => !['http', 'console', 'commands', 'client'].includes(name)),
      wiring,
    ),
  ),
  importRule(
    'http',
    everything.filter((name) => name !== 'commands'),
    ['../compose.js', '../main.js', '../cli.js'],
  ),
  importRule(
    'console',
    everything.filter((name) => name !== 'commands'),
    wiring,
  ),
  {
    // What is shown is escaped, always: no component writes markup of its own.
    files: ['src/console/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...houseSyntax,
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Everything shown is escaped.' },
        {
          selector: "JSXAttribute[name.name='style']",
          message: 'A class: the content security policy allows no style.',
        },
        { selector: 'JSXAttribute[name.name=/^on[A-Z]/]', message: 'No script in pages; see assets/console.js.' },
      ],
    },
  },
  {
    // Pure: the same arguments give the same decision, so no clock, no database, no machine.
    files: ['src/policy/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'Date', 'process'] },
  },
  {
    // Tests read JSON as the programs of others do: without our types.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' } },
  },
);
