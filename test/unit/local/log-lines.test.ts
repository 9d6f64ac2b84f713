import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatAsJson, formatForTerminal } from '../../../local/logs/format-record.ts';
import { parseOutputLine } from '../../../local/logs/parse-output-line.ts';

const NOW = '2026-03-12T19:03:58.000Z';
const parse = (line: string) => parseOutputLine(line, 'poller', NOW);
const terminal = (line: string) =>
  stripVTControlCharacters(formatForTerminal(parse(line)) ?? '00:00:00 hidden').slice(9);

describe('parseOutputLine', () => {
  it('takes a structured line apart', () => {
    const line = { level: 'WARN', message: 'slow', timestamp: '2026-01-01T00:00:00Z', ms: 7 };
    expect(parse(JSON.stringify(line))).toEqual({
      time: '2026-01-01T00:00:00Z',
      level: 'WARN',
      source: 'poller',
      message: 'slow',
      fields: { ms: 7 },
    });
  });

  it.each(['plain text', '{not json', '[1]'])('takes any other line as a message: %s', (line) => {
    expect(parse(line)).toEqual({ time: NOW, level: 'INFO', source: 'poller', message: line, fields: {} });
  });

  it('condenses embedded metrics to their values', () => {
    const metrics = { CloudWatchMetrics: [{ Namespace: 'n', Metrics: [{ Name: 'Calls', Unit: 'Count' }] }] };
    const line = { _aws: { Timestamp: 1, ...metrics }, service: 's', Calls: [1, 2] };
    expect(parse(JSON.stringify(line))).toMatchObject({ level: 'METRIC', fields: { Calls: [1, 2] } });
  });
});

describe('formatForTerminal', () => {
  it('shows what people follow', () => {
    const hidden = { service: 's', function_request_id: crypto.randomUUID() };
    const line = { level: 'INFO', message: 'called', ...hidden, note: 'a b' };
    expect(terminal(JSON.stringify(line))).toBe('poller               INFO  called note="a b"');
  });

  it('shows ids last, and none that is a part of another one', () => {
    const ids = { activationId: 'a.r.fl-1.b-1', flowLogId: 'fl-1', batchId: 'b-1', callerRequestId: 'OPS-1' };
    const line = { level: 'INFO', message: 'event published', ...ids, traceparent: '00-…', attempt: 1 };
    const shown = 'poller               INFO  event published attempt=1 callerRequestId=OPS-1';
    expect(terminal(JSON.stringify(line))).toBe(`${shown} activationId=a.r.fl-1.b-1`);
    const eventId = 'a.r.fl-1.b-1.1.submitted';
    expect(terminal(JSON.stringify({ ...line, eventId }))).toBe(`${shown} eventId=${eventId}`);
  });

  it('shows an error in one line', () => {
    const error = { name: 'TypeError', message: 'no', stack: '…' };
    const line = { level: 'ERROR', message: 'failed', error };
    expect(terminal(JSON.stringify(line))).toBe('poller               ERROR failed error=TypeError: no');
  });

  it('hides metrics', () => {
    expect(terminal('{"_aws":{"CloudWatchMetrics":[]}}')).toBe('hidden');
  });
});

describe('formatAsJson', () => {
  it('is one object a line, in which a field may be called source', () => {
    const record = parse('{"level":"INFO","message":"a\\nb","source":"webhook"}');
    const json: unknown = JSON.parse(formatAsJson(record));
    expect(json).toEqual({ time: NOW, level: 'INFO', from: 'poller', message: 'a\nb', source: 'webhook' });
  });
});
