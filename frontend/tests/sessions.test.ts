import { describe, expect, it } from 'vitest';
import type { SessionRecord, SessionSummaryAnswer } from '../src/live/rest';
import { sentence } from '../src/logic/format';
import {
  alertTitle,
  hourTable,
  sessionDay,
  sessionHours,
  sessionSeconds,
  sessionStatus,
  shareOf,
  universeName,
} from '../src/logic/sessions';
import { at } from './samples';

function record(changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    session_id: 'a',
    universe: 'demo:top_50',
    source: 'simulator:1',
    started_at: at(0),
    stopped_at: at(390),
    symbol_count: 50,
    total_patterns: 12,
    total_indicators: 345,
    final_status: 'completed',
    ...changes,
  };
}

describe('a session', () => {
  it('is told by its day, hours and length in New York', () => {
    expect([sessionDay(record()), sessionHours(record()), sessionSeconds(record())]).toEqual([
      'Mon, Oct 6',
      '09:30–16:00',
      23_400,
    ]);
    const running = record({ stopped_at: null });
    expect([sessionHours(running), sessionSeconds(running)]).toEqual(['09:30–', null]);
  });

  it('has ended in one way, runs, or was left without an end', () => {
    expect(sessionStatus(record({ final_status: 'stopped' }), null)).toBe('stopped by hand');
    expect(sessionStatus(record({ final_status: null, stopped_at: null }), 'a')).toBe('running');
    expect(sessionStatus(record({ final_status: null, stopped_at: null }), 'b')).toBe('not ended');
    expect(sessionStatus(record({ final_status: null }), 'b')).toBe('ended');
  });
});

it('counts by pattern and hour make a table without holes', () => {
  const summary: SessionSummaryAnswer = {
    session: record(),
    patterns: [
      { pattern_type: 'Doji', count: 5, high_confidence: 1, mean_confidence: 0.5 },
      { pattern_type: 'Hammer', count: 2, high_confidence: 0, mean_confidence: 0.4 },
    ],
    alerts: [],
    top_symbols: [],
    hours: [
      { hour: '2025-10-06T13:00:00.000Z', patterns: { Doji: 4 }, alerts: 7 },
      { hour: '2025-10-06T14:00:00.000Z', patterns: { Doji: 1, Hammer: 2 }, alerts: 0 },
    ],
  };
  expect(hourTable(summary)).toEqual({
    hours: ['09:00', '10:00'],
    patterns: [
      { type: 'Doji', total: 5, counts: [4, 1] },
      { type: 'Hammer', total: 2, counts: [0, 2] },
    ],
    alerts: [7, 0],
    most: 4,
  });
  expect(hourTable({ ...summary, patterns: [], hours: [] }).most).toBe(0);
});

it('a share has bounds', () => {
  expect([shareOf(1, 4), shareOf(9, 4), shareOf(1, 0)]).toEqual([0.25, 1, 0]);
});

it('names are shortened to what tells them apart', () => {
  expect(['market_leaders:top_500', 'plain', 'odd:'].map(universeName)).toEqual(['top_500', 'plain', 'odd:']);
  expect(['RSI_OVERBOUGHT', 'BB_LOWER_BREAK', 'MACD_BULLISH_CROSS', 'NOVEL'].map(alertTitle)).toEqual([
    'RSI overbought',
    'Bollinger lower break',
    'MACD bullish cross',
    'novel',
  ]);
});

it('a reason becomes a sentence', () => {
  expect(['the market is closed', 'Why?', ' x '].map(sentence)).toEqual([
    'The market is closed.',
    'Why?',
    'X.',
  ]);
});
