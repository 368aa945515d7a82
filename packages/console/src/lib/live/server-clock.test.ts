import { describe, expect, it } from 'vitest';
import { createServerClock } from './server-clock.ts';

describe('the server clock', () => {
  it('is the browser clock before the first message', () => {
    expect(createServerClock().at(5_000)).toBe(5_000);
  });

  it('follows a server that is ahead, by the message that travelled least', () => {
    const clock = createServerClock();
    clock.sample(90_000, 1_400);
    clock.sample(92_000, 2_050);
    clock.sample(94_000, 4_900);
    expect(clock.at(10_000)).toBe(10_000 + 92_000 - 2_050);
  });

  it('forgets old samples, so that a clock that was set back is followed', () => {
    const clock = createServerClock();
    clock.sample(100_000, 0);
    for (let i = 0; i < 30; i++) clock.sample(i, i);
    expect(clock.at(7)).toBe(7);
  });
});
