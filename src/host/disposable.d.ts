/**
 * What `using` needs, as in TypeScript's library "ESNext.Disposable" (from 5.2 on), for programs that are compiled without
 * it. The two merge. The build copies this file to dist.
 */
interface SymbolConstructor {
  readonly dispose: unique symbol;
}
interface Disposable {
  [Symbol.dispose](): void;
}
