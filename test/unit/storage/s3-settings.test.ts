import type { ConfigError } from '../../../src/config.js';
import { readConfig } from '../../../src/config.js';

/** The names of the settings that are wrong, once each. */
function wrongIn(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment, '/nowhere');
    return [];
  } catch (error) {
    const { mistakes } = error as ConfigError;
    expect(String(error)).not.toContain('hush');
    return [...new Set(mistakes.map((mistake) => mistake.split(':')[0] ?? ''))];
  }
}

const key = { S3_ACCESS_KEY_ID: 'AKIA', S3_SECRET_ACCESS_KEY: 'hush' };

test('without a bucket everything is in the folder, and what has a default means nothing', () => {
  expect(readConfig({ S3_REGION: 'eu-west-1', S3_REDIRECTS: 'off' }, '/nowhere').s3).toBeNull();
});

test('a bucket alone is one of Amazon’s, with the keys of the machine', () => {
  expect(readConfig({ S3_BUCKET: 'apps.example.org' }, '/nowhere').s3).toEqual({
    bucket: 'apps.example.org',
    prefix: '',
    endpoint: null,
    publicEndpoint: null,
    region: 'us-east-1',
    forcePathStyle: false,
    credentials: null,
    redirects: false,
  });
});

test('everything may be said of it', () => {
  const environment = {
    S3_BUCKET: 'apps',
    S3_PREFIX: 'store/one/',
    S3_ENDPOINT: 'http://minio:9000/',
    S3_PUBLIC_ENDPOINT: 'https://files.example.org',
    S3_REGION: 'eu-central-1',
    S3_FORCE_PATH_STYLE: 'true',
    S3_ACCESS_KEY_ID: 'AKIA',
    S3_SECRET_ACCESS_KEY_FILE: 'secrets/s3',
    S3_REDIRECTS: 'on',
  };
  expect(readConfig(environment, '/nowhere').s3).toEqual({
    bucket: 'apps',
    prefix: 'store/one',
    endpoint: 'http://minio:9000',
    publicEndpoint: 'https://files.example.org',
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: { file: '/nowhere/secrets/s3' } },
    redirects: true,
  });
});

test.each([
  [{ ...key }, 'S3_BUCKET'],
  [{ S3_ENDPOINT: 'http://minio:9000' }, 'S3_BUCKET'],
  [{ S3_PUBLIC_ENDPOINT: 'http://minio:9000' }, 'S3_BUCKET'],
  [{ S3_REDIRECTS: 'on' }, 'S3_BUCKET'],
  [{ S3_BUCKET: 'a', S3_ACCESS_KEY_ID: 'AKIA' }, 'S3_SECRET_ACCESS_KEY'],
  [{ S3_BUCKET: 'a', S3_SECRET_ACCESS_KEY: 'hush' }, 'S3_ACCESS_KEY_ID'],
  [{ S3_BUCKET: 'a', ...key, S3_SECRET_ACCESS_KEY_FILE: 'f' }, 'S3_SECRET_ACCESS_KEY_FILE'],
  [{ S3_BUCKET: 'a', ...key, S3_SECRET_ACCESS_KEY: 'hush\nhush' }, 'S3_SECRET_ACCESS_KEY'],
  [{ S3_BUCKET: 'a/b' }, 'S3_BUCKET'],
  [{ S3_BUCKET: '..' }, 'S3_BUCKET'],
  [{ S3_BUCKET: 'a', S3_PREFIX: '../others' }, 'S3_PREFIX'],
  [{ S3_BUCKET: 'a', S3_PREFIX: '/' }, 'S3_PREFIX'],
  [{ S3_BUCKET: 'a', S3_PREFIX: 'a//b' }, 'S3_PREFIX'],
  [{ S3_BUCKET: 'a', S3_ENDPOINT: 'https://AKIA:hush@minio' }, 'S3_ENDPOINT'],
  [{ S3_BUCKET: 'a', S3_ENDPOINT: 'file:///data' }, 'S3_ENDPOINT'],
  [{ S3_BUCKET: 'a', S3_PUBLIC_ENDPOINT: 'https://files?key=hush' }, 'S3_PUBLIC_ENDPOINT'],
  [{ S3_BUCKET: 'a', S3_REGION: 'eu/s3' }, 'S3_REGION'],
  [{ S3_BUCKET: 'a', S3_REDIRECTS: 'true' }, 'S3_REDIRECTS'],
])('%j is refused for %s, and never quoted', (environment, name) => {
  expect(wrongIn(environment)).toEqual([name]);
});
