import { AsyncResource } from 'node:async_hooks';

/** Makes objects that see a resource through their prototype. `Object.create` costs several times as much as `new`. */
function scopes(): new () => AsyncResource {
  function Scope(this: AsyncResource): void {}
  Scope.prototype = new AsyncResource('velo.consumer');
  return Scope as unknown as new () => AsyncResource;
}

/**
 * The async context in which handlers run, each by itself: that of the call of `start()`. Without it, a handler would run in
 * that of the client's fetch loop, and what one enters (`AsyncLocalStorage.enterWith`) would hold for the next records of its
 * lane, since one turn of the lane runs them all.
 */
export class StartContext {
  /** Nothing runs in it, so that it stays as it was captured. */
  #Scope = scopes();

  /** What is entered where this is called holds for all that runs from now on. */
  capture(): void {
    this.#Scope = scopes();
  }

  /**
   * For one attempt. On Node 20 and 22, what is entered in a scope is a property of its object, and holds for whatever runs in
   * it later, also with `AsyncLocalStorage.snapshot()`. So each attempt has an object of its own, which sees what was captured
   * through its prototype: under 0.1 us of processor time, where a new `AsyncResource` takes up to 0.8 us (measured in a lane, with an
   * `AsyncLocalStorage` in use). `async-context.test.ts` holds it to each Node.
   */
  scope(): Pick<AsyncResource, 'runInAsyncScope'> {
    return new this.#Scope();
  }
}
