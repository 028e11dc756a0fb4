// biome-ignore-all lint/suspicious/noThenProperty: a part of what can be thrown
import { runInNewContext } from 'node:vm';

const throwing = (key: PropertyKey) =>
  Object.defineProperty(new Error('x'), key, {
    get() {
      throw new Error(`the getter of ${String(key)}`);
    },
  });

const trap = (): never => {
  throw new Error('trap');
};

/** Every trap throws: no question about it has an answer. */
const proxyThatThrows = (target: object) =>
  new Proxy(target, {
    get: trap,
    getPrototypeOf: trap,
    has: trap,
    ownKeys: trap,
    getOwnPropertyDescriptor: trap,
    apply: trap,
  });

function circle(): Error {
  const error = new Error('circle');
  return Object.assign(error, { cause: error, errors: [error] });
}

/** Each look at its `cause`, and at its parts, makes new ones. */
const endless = (): object => ({
  message: 'endless',
  get cause() {
    return endless();
  },
  get errors() {
    return [endless(), endless()];
  },
});

function deep(): Error {
  let error = new Error('0');
  for (let i = 1; i < 20_000; i++) error = new Error(String(i), { cause: error });
  return error;
}

/** Forty short lists; written out they have 2 ** 40 elements. */
function listOfLists(): unknown[] {
  let list: unknown[] = ['x'];
  for (let i = 0; i < 40; i++) list = [list, list];
  return list;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const LONG = 'x'.repeat(5_000_000);
const MANY = new Array(1_000_000).fill('x');
const LARGE = 10n ** 1_000_000n;
const DEEP = deep();

/** What JavaScript lets anybody throw, return or answer; each made anew, but for the large ones. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  zero: () => 0,
  'a negative number': () => -1,
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  'an empty text': () => '',
  'a text': () => 'text',
  'a text of 5 MB': () => LONG,
  'half a surrogate pair': () => new Error('\ud800'),
  'control characters': () => new Error('a\r\nb\0c\u202e'),
  'a symbol': () => Symbol('s'),
  'a bigint': () => 10n,
  'a bigint of a million digits': () => LARGE,
  true: () => true,
  'a function': () => () => {},
  'a class': () => class Thrown {},
  'a frozen error': () => Object.freeze(new Error('frozen')),
  'an error without a prototype': () => Object.setPrototypeOf(new Error('bare'), null),
  'an object without a prototype': () => Object.create(null),
  'an invalid date': () => new Date(Number.NaN),
  'a list': () => ['a', { b: 1 }],
  'a list of a million': () => MANY,
  'lists within lists': listOfLists,
  'a message of lists within lists': () => ({ message: listOfLists() }),
  'a typed array': () => new Float64Array(1_000_000),
  'a message of 5 MB': () => ({ name: 'Error', message: LONG }),
  'a name of 5 MB': () => Object.assign(new Error('x'), { name: LONG }),
  'a message that is a symbol': () => Object.assign(new Error('x'), { message: Symbol('m') }),
  'a message that is an object': () => ({ message: { toString: trap } }),
  'a name that is an object': () => Object.assign(new Error('x'), { name: { toString: trap } }),
  'a code that is an object': () => Object.assign(new Error('x'), { code: { valueOf: trap } }),
  'a code that is a bigint': () => Object.assign(new Error('x'), { code: 10n }),
  'a throwing `message`': () => throwing('message'),
  'a throwing `name`': () => throwing('name'),
  'a throwing `code`': () => throwing('code'),
  'a throwing `cause`': () => throwing('cause'),
  'a throwing `errors`': () => throwing('errors'),
  'a throwing `stack`': () => throwing('stack'),
  'a throwing `then`': () => throwing('then'),
  'a throwing `constructor`': () => throwing('constructor'),
  'a throwing `toString`': () => ({ toString: trap }),
  'a throwing `valueOf`': () => ({ valueOf: trap, toString: trap }),
  'a throwing `Symbol.toPrimitive`': () => ({ [Symbol.toPrimitive]: trap }),
  'a throwing `Symbol.toStringTag`': () => Object.defineProperty({}, Symbol.toStringTag, { get: trap }),
  'a circle of causes': circle,
  'causes without end': endless,
  '20,000 causes': () => DEEP,
  'an aggregate': () => new AggregateError([new Error('1'), null, circle()]),
  'an aggregate of a million': () => ({ message: 'many', errors: MANY }),
  'parts that are no list': () => Object.assign(new Error('x'), { errors: { length: 5 } }),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of a function': () => revoked(() => {}),
  'a revoked proxy of a list': () => revoked([]),
  'a revoked proxy of an error': () => revoked(new Error('x')),
  'an error whose cause is a revoked proxy': () => new Error('x', { cause: revoked({}) }),
  'a proxy that throws': () => proxyThatThrows(new Error('x')),
  'a function’s proxy that throws': () => proxyThatThrows(() => {}),
  'an error whose cause is a proxy that throws': () => new Error('x', { cause: proxyThatThrows({}) }),
  'a promise': () => Promise.resolve(1),
  'a rejected promise': () => Promise.reject(new Error('rejected')),
  'a rejected promise of another realm': () => runInNewContext('Promise.reject(new Error("rejected"))'),
  'a thenable that never settles': () => ({ then() {} }),
  'a thenable that throws': () => ({ then: trap }),
  'a thenable that resolves twice': () => ({
    then(ok: (value: unknown) => void) {
      ok(1);
      ok(2);
    },
  }),
  'an error of another realm': () => runInNewContext('new TypeError("foreign")'),
  'a forged error of a client': () => ({
    name: 'KafkaJSProtocolError',
    get code() {
      return trap();
    },
  }),
  'a forged error of velo': () => ({
    [Symbol.for('velo.error')]: true,
    code: 'VELO_RETRIABLE',
    after: { valueOf: trap },
    get cause() {
      return trap();
    },
  }),
  'a forged error of velo with a long wait': () => ({
    [Symbol.for('velo.error')]: true,
    code: 'VELO_RETRIABLE',
    after: Number.POSITIVE_INFINITY,
  }),
};
