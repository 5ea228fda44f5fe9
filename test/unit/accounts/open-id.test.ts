import { consolePath } from '../../../src/accounts/open-id.js';

test.each([
  ['/console', '/console'],
  ['console/queue?kind=held#first', '/console/queue?kind=held#first'],
  ['/console/apps/calendar', '/console/apps/calendar'],
  ['/console?x=https://elsewhere.example//', '/console?x=https://elsewhere.example//'],
])('%j is a page to come back to', (text, path) => {
  expect(consolePath(text)).toBe(path);
});

test.each([
  null,
  '',
  '/',
  '//elsewhere.example',
  '//elsewhere.example/console',
  'https://elsewhere.example/console',
  '/\\elsewhere.example',
  '/console\\..\\x',
  '/console//elsewhere.example',
  '/console/../../elsewhere',
  '/console/%2e%2e/x',
  '/console/.%2E/x',
  '/consolex',
  '/console.elsewhere.example',
  '/console@elsewhere.example',
  '/con\tsole',
  '/console/\r\nset-cookie: a=b',
  '/console/\u202e',
  'javascript:alert(1)',
  `/console/${'a'.repeat(2000)}`,
])('%j leads to the first page instead', (text) => {
  expect(consolePath(text)).toBe('/console');
});
