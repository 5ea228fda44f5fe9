import { createWaitingRoom } from '../../../src/storefront/waiting-room.js';

test('has so many places, and so many for an address', () => {
  const room = createWaitingRoom({ total: 3, perAddress: 2 });
  const leave = room.enter('192.0.2.1');
  expect(room.enter('::ffff:192.0.2.1')).not.toBeNull();
  expect(room.enter('192.0.2.1')).toBeNull();
  expect(room.enter('192.0.2.2')).not.toBeNull();
  expect(room.enter('192.0.2.3')).toBeNull();
  leave?.();
  expect(room.enter('192.0.2.1')).not.toBeNull();
  expect(room.enter('192.0.2.3')).toBeNull();
});

test('a place that is given back twice is one', () => {
  const room = createWaitingRoom({ total: 2, perAddress: 2 });
  const leave = room.enter('2001:db8::1');
  room.enter('2001:db8::2');
  leave?.();
  leave?.();
  expect(room.enter('2001:db8::3')).not.toBeNull();
  expect(room.enter('2001:db8::4')).toBeNull();
});
