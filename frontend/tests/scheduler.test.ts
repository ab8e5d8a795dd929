import { expect, it } from 'vitest';
import { FrameScheduler } from '../src/live/scheduler';

function stage() {
  const callbacks: (() => void)[] = [];
  const rendered: string[][] = [];
  const scheduler = new FrameScheduler<string>(
    { request: (callback) => callbacks.push(callback), cancel: () => callbacks.splice(0) },
    (parts) => rendered.push([...parts].sort()),
  );
  const frame = () => callbacks.splice(0).forEach((callback) => callback());
  return { callbacks, rendered, scheduler, frame };
}

it('renders once per frame, however many messages came between', () => {
  const { callbacks, rendered, scheduler, frame } = stage();
  for (let message = 0; message < 100; message++) scheduler.mark([message % 2 ? 'symbols' : 'patterns']);
  expect(callbacks).toHaveLength(1);
  frame();
  expect(rendered).toEqual([['patterns', 'symbols']]);
});

it('asks for no frame when nothing has changed', () => {
  const { callbacks, scheduler, frame } = stage();
  scheduler.mark([]);
  expect(callbacks).toHaveLength(0);
  scheduler.mark(['symbols']);
  frame();
  expect(callbacks).toHaveLength(0);
});

it('in a hidden tab renders nothing, then everything with the first frame that is given', () => {
  const { rendered, scheduler, frame } = stage();
  scheduler.mark(['symbols']);
  scheduler.mark(['alerts']);
  expect(rendered).toEqual([]);
  frame();
  expect(rendered).toEqual([['alerts', 'symbols']]);
});
