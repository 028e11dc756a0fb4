import { describe, expect, it } from 'vitest';
import { stripSecrets } from '../../src/errors/strip-secrets.js';

describe('a value behind a name that tells of a secret', () => {
  const names = [
    ...['password', 'passwd', 'passphrase', 'passcode', 'pass', 'pwd', 'secret', 'token'],
    ...['credential', 'credentials', 'apikey', 'api_key', 'api-key'],
    ...['accesskey', 'access_key', 'accountkey', 'account-key', 'privatekey', 'private_key', 'sharedkey'],
    ...['shared-key', 'x-amz-signature', 'sig', 'sessionid', 'session_id', 'session-id'],
    ...['db.password', 'token.v-2_x', 'API_KEY', 'clientSecret', `secret${'x'.repeat(32)}`],
  ];

  it.each(names)('%s', (name) => {
    expect(stripSecrets(`a ${name}=v1/w.x,y z`)).toBe(`a ${name}=*** z`);
    expect(stripSecrets(`a ${name}: v1 z`)).toBe(`a ${name}: *** z`);
    expect(stripSecrets(`{"${name}":"v1","b":2}`)).toBe(`{"${name}":***,"b":2}`);
  });

  it.each([
    { given: 'token        =        v1 z', left: 'token        =        *** z' },
    { given: "pwd='v 1' z", left: 'pwd=*** z' },
    { given: "pwd='v 1", left: 'pwd=***' },
    { given: 'pwd="v \\" 1" z', left: 'pwd=*** z' },
    { given: 'pwd="v 1', left: 'pwd=***' },
    { given: 'pwd=v1&b=2', left: 'pwd=***&b=2' },
    { given: 'pwd=v1;b=2', left: 'pwd=***;b=2' },
    { given: '{\\"pwd\\":\\"v 1\\",\\"b\\":2}', left: '{\\"pwd\\":***,\\"b\\":2}' },
    { given: '{\\"pwd\\":\\"v 1', left: '{\\"pwd\\":***' },
    { given: 'pwd="v\\ 1" z', left: 'pwd=*** z' },
    { given: "{'pwd': 'v 1'}", left: "{'pwd': ***}" },
  ])('$given', ({ given, left }) => {
    expect(stripSecrets(given)).toBe(left);
  });

  it.each([
    'compass=v1',
    'design=v1',
    'token         = v1',
    `secret${'x'.repeat(33)}=v1`,
    'password is v1',
    'key=v1',
  ])('is none: %s', (text) => {
    expect(stripSecrets(text)).toBe(text);
  });
});

describe('a value that tells by its scheme', () => {
  it.each([
    { given: 'a bearer v1.~+/=-_ z', left: 'a bearer *** z' },
    { given: 'a Bearer        v1 z', left: 'a Bearer *** z' },
    { given: 'a Basic Ym9iOmh1bnRlcjI= z', left: 'a Basic *** z' },
    { given: 'a BASIC        dXNlcjpwYXNz z', left: 'a BASIC *** z' },
    { given: 'a basic abcde1 z', left: 'a basic *** z' },
    { given: 'a basic abcdeF z', left: 'a basic *** z' },
    { given: 'a basic abcde/fg z', left: 'a basic *** z' },
    { given: 'a basic abcde+fg z', left: 'a basic *** z' },
    { given: 'a basic abcdefg= z', left: 'a basic *** z' },
    { given: 'Authorization: Digest a="b", c="d"\nnext', left: 'Authorization: ***\nnext' },
    { given: 'cookie=a b c\r\nnext', left: 'cookie= ***\r\nnext' },
    { given: '{"cookie"  : "a b"}', left: '{"cookie"  : ***' },
    { given: 'mysql://u:p@host/x', left: 'mysql://***@host/x' },
    { given: 'http://host/a@b', left: 'http://host/a@b' },
    { given: 'a basic Abc12 z', left: 'a basic Abc12 z' },
    { given: 'a basic authentication z', left: 'a basic authentication z' },
    { given: 'a rebearer v1 z', left: 'a rebearer v1 z' },
    { given: 'nonbasic Ym9iOmh1bnRlcjI= z', left: 'nonbasic Ym9iOmh1bnRlcjI= z' },
  ])('$given', ({ given, left }) => {
    expect(stripSecrets(given)).toBe(left);
  });

  it('is what stands between BEGIN and END of a PEM block', () => {
    expect(stripSecrets('a -----BEGIN EC PRIVATE KEY-----\nx\n-----END EC PRIVATE KEY----- z')).toBe(
      'a *** EC PRIVATE KEY----- z',
    );
    expect(stripSecrets('a -----BEGIN X-----\ncut off')).toBe('a ***');
  });
});

describe('a key that tells by its form', () => {
  /** What comes first, of which characters the rest is, and how many there must be. */
  const forms = [
    { begins: 'eyJ', of: 'aB3_-', least: 8 },
    { begins: 'AKIA', of: 'AB3', least: 16, most: 16 },
    { begins: 'ASIA', of: 'AB3', least: 16, most: 16 },
    ...[...'pousr'].map((kind) => ({ begins: `gh${kind}_`, of: 'aB3_', least: 16 })),
    { begins: 'github_pat_', of: 'aB3_', least: 16 },
    { begins: 'glpat-', of: 'aB3_-', least: 16 },
    ...[...'abeoprs'].map((kind) => ({ begins: `xox${kind}-`, of: 'aB3_-', least: 8 })),
    ...['sk_live_', 'rk_live_', 'pk_live_', 'sk_test_'].map((begins) => ({ begins, of: 'aB3_', least: 8 })),
    { begins: 'AIza', of: 'aB3_-', least: 30 },
  ];

  it.each(forms)('$begins with at least $least behind it', ({ begins, of, least, most = least + 20 }) => {
    const key = (length: number) => begins + of.repeat(length).slice(0, length);
    expect(stripSecrets(`a ${key(least)} z`)).toBe('a *** z');
    expect(stripSecrets(`a ${key(most)} z`)).toBe('a *** z');
    expect(stripSecrets(`a ${key(least - 1)} z`)).toBe(`a ${key(least - 1)} z`);
    expect(stripSecrets(`a x${key(least)} z`)).toBe(`a x${key(least)} z`);
    // Each of its characters counts
    for (const one of of) expect(stripSecrets(`a ${begins}${one.repeat(least)} z`)).toBe('a *** z');
  });

  it('a JSON web token goes with both of its other parts, and with no more', () => {
    expect(stripSecrets('a eyJhbGciOiJI.eyJz_-1.s1-G z')).toBe('a *** z');
    expect(stripSecrets('a eyJhbGciOiJI. z')).toBe('a *** z');
    expect(stripSecrets('a eyJhbGciOiJI.b.c.d z')).toBe('a ***.d z');
  });
});
