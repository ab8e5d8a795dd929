import { describe, expect, it } from 'vitest';
import { commandOf, KEY_GROUPS, PREFIX } from '../src/logic/keys';

const SPOKEN: Record<string, string> = { enter: 'Enter', space: ' ', esc: 'Escape' };
const listed = KEY_GROUPS.flatMap(({ keys }) => keys.map(([key]) => key));

describe('the keyboard', () => {
  it.each([
    ['j', 'next'],
    ['k', 'previous'],
    [' ', 'pause'],
    ['Escape', 'close'],
    ['?', 'help'],
  ])('%j is %s', (key, command) => expect(commandOf(key, false)).toBe(command));

  it('goes to places after its prefix only', () => {
    expect(commandOf('u', true)).toBe('go universe');
    expect(commandOf('u', false)).toBeNull();
    expect(commandOf('j', true)).toBeNull();
    expect(commandOf(PREFIX, false)).toBeNull();
  });

  it.each(['x', 'J', 'constructor', '__proto__', 'ArrowDown', ''])('%j is nothing', (key) => {
    expect(commandOf(key, false)).toBeNull();
    expect(commandOf(key, true)).toBeNull();
  });

  it('tells of each key in the help what it does, and of each key that does something', () => {
    const known = listed.filter((keys) => !keys.includes('↑'));
    for (const keys of known) {
      const parts = keys.split(/ +/);
      const isPlace = parts[0] === PREFIX;
      for (const key of isPlace ? parts.slice(1) : parts)
        expect(commandOf(SPOKEN[key] ?? key, isPlace), keys).not.toBeNull();
    }
    const told = new Set(listed.flatMap((keys) => keys.split(/ +/)).map((key) => SPOKEN[key] ?? key));
    const printable = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n));
    for (const key of [...printable, 'Enter', 'Escape'])
      if (commandOf(key, false) !== null || commandOf(key, true) !== null) expect(told).toContain(key);
  });

  it('has help for each thing once', () => {
    expect(new Set(listed).size).toBe(listed.length);
  });
});
