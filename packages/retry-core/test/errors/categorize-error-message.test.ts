import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categorizeErrorMessage, errorCategories, kafkaErrorCodes } from '../../src/index.js';

/** The specification, word for word: what the scan must agree with wherever its patterns match. */
function bySpecification(message: string): string {
  const lower = message.toLowerCase();
  const has = (...parts: string[]) => parts.some((part) => lower.includes(part));
  if (has('unknown topic', 'topic does not exist', 'topic not found')) return 'TopicMissing';
  if (has('network', 'connection', 'broker')) return 'NetworkIssue';
  return has('auth', 'permission', 'unauthorized') ? 'AuthenticationIssue' : 'Unknown';
}

describe('categorizeErrorMessage', () => {
  it.each([
    ['Unknown topic or partition: orders', 'TopicMissing'],
    ['Unknown topic orders.', 'TopicMissing'],
    ['topic does not exist', 'TopicMissing'],
    ['The TOPIC NOT FOUND anywhere', 'TopicMissing'],
    ['This server does not host this topic-partition', 'TopicMissing'],
    ['Broker: Unknown topic or partition', 'TopicMissing'],
    ['connection to broker lost: unknown topic', 'TopicMissing'],
    ['Connection refused by peer 10.0.0.1:9092', 'NetworkIssue'],
    ['network is down', 'NetworkIssue'],
    ['the Broker says: not authorized', 'NetworkIssue'],
    ['connect ECONNREFUSED 127.0.0.1:9092', 'NetworkIssue'],
    ['connect ECONNREFUSED auth.example.com:9092', 'NetworkIssue'],
    ['getaddrinfo ENOTFOUND kafka.example', 'NetworkIssue'],
    ['connect ETIMEDOUT 10.0.0.1:9092', 'NetworkIssue'],
    ['write EPIPE', 'NetworkIssue'],
    ['read ECONNRESET', 'NetworkIssue'],
    ['getaddrinfo EAI_AGAIN kafka', 'NetworkIssue'],
    ['The producer is disconnected', 'NetworkIssue'],
    ['Request Produce(key: 0, version: 7) timed out', 'NetworkIssue'],
    ['socket hang up', 'NetworkIssue'],
    ['Local: Timed out', 'NetworkIssue'],
    ['User is not authorized to access it', 'AuthenticationIssue'],
    ['SASL PLAIN authentication failed: Authentication failed', 'AuthenticationIssue'],
    ['SASL Plain: Invalid username or password', 'AuthenticationIssue'],
    ['Permission denied', 'AuthenticationIssue'],
    ['unauthorized', 'AuthenticationIssue'],
    ['authentication timed out', 'AuthenticationIssue'],
    // Substrings, as the specification has them: who needs more precision has a code.
    ['12 authors found', 'AuthenticationIssue'],
    ['Broker: Topic authorization failed', 'AuthenticationIssue'],
    ['BROKER: TOPIC AUTHORIZATION FAILED', 'AuthenticationIssue'],
    ['Broker: Topic authorization failed: orders', 'AuthenticationIssue'],
    ['topic authorization failed', 'AuthenticationIssue'],
    ['Broker: Configuration is invalid', 'ConfigurationIssue'],
    ['Local: Invalid argument or configuration', 'ConfigurationIssue'],
    ['Local: Required feature not supported by broker', 'ConfigurationIssue'],
    ['Broker: Something that no table knows', 'NetworkIssue'],
    ['Unknown error code 100', 'TopicMissing'],
    ['Unknown error code 89', 'Unknown'],
    ['Unknown error code 99999', 'Unknown'],
    ['Success', 'Unknown'],
    ['', 'Unknown'],
    ['boom', 'Unknown'],
    ['topic', 'Unknown'],
    ['au', 'Unknown'],
  ])('"%s" is %s', (message, category) => {
    expect(categorizeErrorMessage(message)).toBe(category);
    expect(categorizeErrorMessage(message)).toBe(category);
  });

  it.each([...kafkaErrorCodes])(
    'knows the text of $code $name, any case, with and without prefix',
    ({ code, category, ...row }) => {
      if (code === -200 || code === -100) return;
      const { text } = row as unknown as { text: string };
      for (const message of [text, text.toUpperCase(), `Broker: ${text}`, `local: ${text}`]) {
        expect(categorizeErrorMessage(message), message).toBe(category);
      }
    },
  );

  it('agrees with the specification wherever its patterns stand, at any place, in any case', () => {
    const parts = [
      'unknown topic',
      'topic does not exist',
      'topic not found',
      'network',
      'connection',
      'broker',
    ];
    const pieces = [
      ...parts,
      'auth',
      'permission',
      'unauthorized',
      'top',
      'ic',
      'conn',
      'bro',
      'ker',
      'aut',
      ' ',
      'unknown',
      'is',
      'é',
    ];
    const piece = fc.oneof(
      fc.constantFrom(...pieces),
      fc.constantFrom(...pieces).map((each) => each.toUpperCase()),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (chosen) => {
        const message = chosen.join('');
        const expected = bySpecification(message);
        fc.pre(expected !== 'Unknown' && !/\u212a/.test(message));
        // An exact text, Node's codes and kafkajs's missing topic come first; none is among the pieces.
        expect(categorizeErrorMessage(message)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it('finds each pattern at every offset', () => {
    for (const pattern of ['unknown topic', 'network', 'connection', 'broker', 'auth', 'permission']) {
      for (let before = 0; before < 12; before += 1) {
        for (let after = 0; after < 6; after += 1) {
          const message = `${'.'.repeat(before)}${pattern}${'.'.repeat(after)}`;
          expect(categorizeErrorMessage(message), message).toBe(bySpecification(message));
        }
      }
    }
  });

  it('has an answer for every text', () => {
    fc.assert(fc.property(fc.string(), (text) => errorCategories.includes(categorizeErrorMessage(text))));
  });

  it('answers for what is no text', () => {
    expect(categorizeErrorMessage(undefined as unknown as string)).toBe('Unknown');
    expect(categorizeErrorMessage(3 as unknown as string)).toBe('Unknown');
  });

  it('does not mix up messages that share their place in the memo', () => {
    const messages = Array.from({ length: 2000 }, (_, index) =>
      index % 2 ? `x ${index} broker` : `x ${index} brokes`,
    );
    for (let round = 0; round < 2; round += 1) {
      for (const message of messages) {
        expect(categorizeErrorMessage(message)).toBe(message.endsWith('r') ? 'NetworkIssue' : 'Unknown');
      }
    }
  });

  it('looks at the first 4,096 characters only, so that a huge message costs no more', () => {
    expect(categorizeErrorMessage(`${'.'.repeat(4000)} broker`)).toBe('NetworkIssue');
    expect(categorizeErrorMessage(`${'.'.repeat(10_000_000)} broker`)).toBe('Unknown');
  });
});
