import { describe, expect, it } from 'vitest';
import { nextItem } from './menu-keys.ts';

const labels = ['Edit', 'Rotate', 'Disable', 'Revoke', 'Delete'];

describe('a key in a menu', () => {
  it.each([
    ['ArrowDown', -1, 0],
    ['ArrowDown', 4, 0],
    ['ArrowUp', 0, 4],
    ['ArrowUp', 3, 2],
    ['Home', 3, 0],
    ['End', 0, 4],
    ['r', 0, 1],
    ['R', 1, 3],
    ['d', 4, 2],
    ['x', 0, undefined],
    [' ', 0, undefined],
    ['Enter', 0, undefined],
  ])('%s at %i leads to %s', (key, now, next) => {
    expect(nextItem(key, now, labels)).toBe(next);
  });

  it('leads nowhere in an empty one', () => {
    expect(nextItem('ArrowDown', -1, [])).toBeUndefined();
  });
});
