import { requireGoodPassword } from '../../../src/accounts/password-rules.js';

function refusalOf(password: string, name = 'ada.lovelace'): string | null {
  try {
    requireGoodPassword(password, name);
    return null;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(message).not.toContain(password);
    return code;
  }
}

test.each([
  ['eleven characters', 'xK9#mQ2vL7p'],
  ['eleven characters that take 22 bytes', 'żółćęśąźńłó'],
  ['257 characters', 'xK9#mQ2vL7pé'.repeat(22).slice(0, 257)],
  ['a megabyte', 'xK9#mQ2vL7pT'.repeat(90_000)],
  ['one letter', 'a'.repeat(20)],
  ['two letters', 'ab'.repeat(10)],
  ['nothing but blanks', ' '.repeat(20)],
  ['a row of digits', '1234567890123456'],
  ['a row of keys', 'qwertyuiop123456'],
  ['a common word twice', 'passwordpassword'],
  ['a common word and a year', 'Password!2024#'],
  ['a common word in disguise', 'P@55w0rd!!2024'],
  ['the name of the account', 'ada.lovelace'],
  ['the name of the account, dressed up', 'Ada_Lovelace-123!'],
  ['the name of the program', 'portcullis-admin-1'],
])('%s is no password', (_what, password) => {
  expect(refusalOf(password)).toBe('PASSWORD_REFUSED');
});

test.each([
  ['four words', 'correct horse battery staple'],
  ['twelve random characters', 'xK9#mQ2vL7pT'],
  ['a sentence with a common word and the name', 'ada wrote a password on Tuesday'],
  ['256 characters', 'xK9#mQ2vL7pé'.repeat(22).slice(0, 256)],
  ['twelve characters outside of ASCII', '静かな港の夕暮れと灯台守'],
  ['signs alone', '(){}<>/\\|~^%'],
])('%s are one', (_what, password) => {
  expect(refusalOf(password)).toBeNull();
});

test('length is counted in characters, after the form that is hashed', () => {
  // Eleven characters that are written with twelve code points.
  expect(refusalOf('cafe\u0301 nkmqzw')).toBe('PASSWORD_REFUSED');
  expect(refusalOf('cafe\u0301 nkmqzwy')).toBeNull();
});

test('a name of two letters keeps nobody from words that have them', () => {
  expect(refusalOf('an anchor in sand', 'an')).toBeNull();
});
