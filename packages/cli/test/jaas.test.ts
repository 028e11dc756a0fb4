import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJaas } from '../src/connection/jaas.js';

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';

describe('sasl.jaas.config', () => {
  it('has a module and its options', () => {
    const login = parseJaas(`${PLAIN} username="alice" password='a "b" \\'c\\' \\\\ \\101;=' x=1;`);
    expect(login).toEqual({
      module: 'PlainLoginModule',
      options: new Map([
        ['username', 'alice'],
        ['password', `a "b" 'c' \\ A;=`],
        ['x', '1'],
      ]),
    });
  });

  it.each([
    { text: '', reason: 'login module' },
    { text: '"x" required;', reason: 'login module' },
    { text: 'PlainLoginModule username="hush";', reason: 'required' },
    { text: `${PLAIN} username="hush"`, reason: 'semicolon' },
    { text: `${PLAIN} username="hush;`, reason: 'not closed' },
    { text: `${PLAIN} username hush;`, reason: 'option 1' },
    { text: `${PLAIN} username=hush/hush;`, reason: 'in quotes' },
    { text: `${PLAIN} username="hush"; ${PLAIN};`, reason: 'one login' },
  ])('says what is wrong with $text, and nothing of what it holds', ({ text, reason }) => {
    const told = parseJaas(text);
    expect(told).toEqual({ reason: expect.stringContaining(reason) });
    expect(JSON.stringify(told)).not.toContain('hush');
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseJaas(text)));
    fc.assert(fc.property(fc.string(), (text) => void parseJaas(`${PLAIN} ${text}`)));
  });

  it('reads any password in quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (password) => {
        const login = parseJaas(`${PLAIN} password="${password.replace(/["\\]/g, '\\$&')}";`);
        expect('options' in login && login.options.get('password')).toBe(password);
      }),
    );
  });
});
