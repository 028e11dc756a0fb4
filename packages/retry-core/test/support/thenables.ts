// biome-ignore-all lint/suspicious/noThenProperty: that is what these are
import { runInNewContext } from 'node:vm';

const failed = () => new Error('failed');

class Subclass<T> extends Promise<T> {}

class LoudSubclass<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    throw new Error('species');
  }
}

const overwritten = (then: unknown) => Object.assign(Promise.resolve('own'), { then });

/** What a function may return, each made anew: what `await` makes of them is the oracle. All settle. */
export const thenables: Readonly<Record<string, () => unknown>> = {
  'a value': () => 5,
  nothing: () => undefined,
  'a promise': async () => 'done',
  'a rejected promise': () => Promise.reject(failed()),
  'a promise of a rejected one': () => new Promise((resolve) => resolve(Promise.reject(failed()))),
  'a thenable': () => ({ then: (ok: (value: unknown) => void) => ok('done') }),
  'a thenable that is late': () => ({ then: (ok: (value: unknown) => void) => setImmediate(ok, 'done') }),
  'a thenable that rejects': () => ({ then: (_: unknown, no: (error: unknown) => void) => no(failed()) }),
  'a thenable that resolves with a rejected promise': () => ({
    then: (ok: (value: unknown) => void) => ok(Promise.reject(failed())),
  }),
  'a thenable that resolves with a thenable that rejects': () => ({
    then: (ok: (value: unknown) => void) =>
      ok({ then: (_: unknown, no: (error: unknown) => void) => setImmediate(no, failed()) }),
  }),
  'a thenable that resolves with a throwing `then`': () => ({
    then: (ok: (value: unknown) => void) =>
      ok({
        get then(): never {
          throw failed();
        },
      }),
  }),
  'a thenable that throws': () => ({
    then() {
      throw failed();
    },
  }),
  'a thenable that resolves and throws': () => ({
    then(ok: (value: unknown) => void) {
      ok('done');
      throw failed();
    },
  }),
  'a thenable that resolves twice': () => ({
    then(ok: (value: unknown) => void, no: (error: unknown) => void) {
      ok('first');
      ok('second');
      no(failed());
    },
  }),
  'a thenable that rejects, then resolves': () => ({
    then(ok: (value: unknown) => void, no: (error: unknown) => void) {
      no(failed());
      ok('done');
    },
  }),
  'a function with a `then`': () =>
    Object.assign(() => {}, { then: (ok: (value: unknown) => void) => ok(1) }),
  'a throwing `then`': () => ({
    get then(): never {
      throw failed();
    },
  }),
  'a `then` that is no function': () => ({ then: 'soon' }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a proxy of a promise': () => new Proxy(Promise.resolve('done'), {}),
  'a proxy of a promise that binds': () =>
    new Proxy(Promise.resolve('done'), {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  'what inherits from promises': () => Object.create(Promise.prototype),
  'a promise of another realm': () => runInNewContext('Promise.resolve("done")'),
  'a rejected promise of another realm': () => runInNewContext('Promise.reject(new Error("failed"))'),
  'a thenable of another realm': () => runInNewContext('({ then(ok, no) { no(new Error("failed")) } })'),
  'a promise of a subclass': () => new Subclass((resolve) => resolve('done')),
  'a rejected promise of a subclass': () => new Subclass((_, reject) => reject(failed())),
  'a subclass without a species': () => new LoudSubclass((resolve) => resolve('done')),
  'a promise whose `constructor` throws': () =>
    Object.defineProperty(Promise.resolve('done'), 'constructor', {
      get() {
        throw failed();
      },
    }),
};

/** Promises whose own `then` breaks the rules: `await` does not ask it, all else does. */
export const overwrittenPromises: Readonly<Record<string, () => unknown>> = {
  'that throws': () =>
    overwritten(() => {
      throw failed();
    }),
  'that resolves with a rejected promise': () =>
    overwritten((ok: (value: unknown) => void) => ok(Promise.reject(failed()))),
  'that rejects': () => overwritten((_: unknown, no: (error: unknown) => void) => no(failed())),
};
