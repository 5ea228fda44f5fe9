import { execFileSync } from 'node:child_process';
import { isPublicAddress } from '../../../src/network/public-address.js';
import { testWith } from '../../support/installed.js';

describe('isPublicAddress', () => {
  test.each([
    '1.0.0.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '93.184.216.34',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '3fff:1000::1',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ['this network', '0.0.0.0', '0.255.255.255'],
    ['private use', '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
    ['carrier-grade NAT', '100.64.0.0', '100.127.255.255'],
    ['loopback', '127.0.0.0', '127.0.0.1', '127.255.255.255', '::1'],
    ['link-local', '169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::1', 'febf::1'],
    ['protocol assignments', '192.0.0.0', '192.0.0.10', '192.0.0.255', '2001::', '2001:1ff:ffff::1'],
    ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.255', '2001:db8::1', '2001:db8:ffff::', '3fff:fff::1'],
    ['AS112 and relays', '192.31.196.1', '192.52.193.1', '192.88.99.1', '192.175.48.1', '2620:4f:8000::1'],
    ['benchmarking', '198.18.0.0', '198.19.255.255', '2001:2::1'],
    ['multicast', '224.0.0.0', '239.255.255.255', 'ff00::', 'ff02::1'],
    ['reserved and broadcast', '240.0.0.0', '255.255.255.254', '255.255.255.255'],
    ['unspecified', '::', '0:0:0:0:0:0:0:0'],
    ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '0:0:0:0:0:ffff:808:808'],
    ['IPv4-compatible and translated', '::127.0.0.1', '::8.8.8.8', '::ffff:0:8.8.8.8'],
    ['NAT64', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::', '2002:808:808::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['unique local', 'fc00::1', 'fd00::1', 'fdff:ffff::1'],
    ['site-local', 'fec0::1', 'feff::1'],
    ['discard and dummy', '100::1', '100:0:0:1::1'],
    ['never given out', '1fff::1', '4000::1', '5f00::1', '3ffe::1', '8000::1', 'e000::1'],
    ['an address in a zone', 'fe80::1%eth0', '2606:4700:4700::1111%eth0', '2606:4700:4700::1111%1'],
    [
      'no address',
      '',
      ' ',
      'localhost',
      '127.1',
      '0x7f.0.0.1',
      '2130706433',
      '010.0.0.1',
      '8.8.8',
      '8.8.8.8 ',
      ' 8.8.8.8',
      '8.8.8.8/32',
      '8.8.8.8:80',
      '8.8.8.8\0',
      '٨.8.8.8',
      '256.1.1.1',
      '[2606:4700:4700::1111]',
      '2606:4700:4700:::1111',
      '2606:4700::12345',
      '2606:4700:4700::1111/128',
    ],
  ])('what is %s is not public', (_why, ...addresses) => {
    for (const address of addresses) expect([address, isPublicAddress(address)]).toEqual([address, false]);
  });

  testWith('python3')('nothing is public that Python’s registry says is not globally reachable', () => {
    const addresses = [...randomIpv4(4000), ...randomIpv6(4000)];
    const notGlobal = execFileSync(
      'python3',
      [
        '-c',
        'import sys,ipaddress\nfor a in sys.stdin.read().split():\n  if not ipaddress.ip_address(a).is_global: print(a)',
      ],
      { input: addresses.join('\n'), encoding: 'utf8' },
    )
      .split('\n')
      .filter((line) => line !== '');

    expect(notGlobal.length).toBeGreaterThan(100);
    expect(notGlobal.filter(isPublicAddress)).toEqual([]);
    expect(addresses.filter(isPublicAddress).length).toBeGreaterThan(1000);
  });
});

/** A fixed sequence of numbers (a linear congruence), so that a failure is the same one the next time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

function randomIpv4(count: number): string[] {
  const next = numbers(1);
  return Array.from({ length: count }, () => [next(), next(), next(), next()].map((each) => each % 256).join('.'));
}

/** Half of them where IANA's exceptions lie. */
function randomIpv6(count: number): string[] {
  const next = numbers(2);
  const group = (): string => (next() % 65536).toString(16);
  const starts = ['2001', '2002', '3fff', '64:ff9b', 'fe80', 'fd00', '2001:db8', '100', '2620:4f'];
  return Array.from({ length: count }, (_each, index) => {
    const start = index % 2 === 0 ? (starts[next() % starts.length] ?? '') : (0x2000 + (next() % 0x2000)).toString(16);
    return `${start}:${group()}:${group()}::${group()}`;
  });
}
