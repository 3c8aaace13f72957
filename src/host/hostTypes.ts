/**
 * Types of the host and of newer JavaScript as the public declarations name them. A program may be compiled without the DOM's
 * and Node's types, and by TypeScript from 5.0 on: where it has the type, it is that one, and otherwise what is read of it.
 */

/** Uint8Array<ArrayBuffer>, which TypeScript cannot write before 5.7. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** The part of an AbortSignal that the library reads. */
interface AbortState {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as the DOM has it
  readonly reason: any;
  throwIfAborted(): void;
}

/** An AbortSignal. */
export type HostAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer T } } ? T : AbortState;

/** A URL. */
export type HostUrl = typeof globalThis extends { URL: { prototype: infer T } } ? T : { readonly href: string };

/** A WebAssembly.Module, an object without properties. */
export type HostModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T : object;

/** A WebAssembly.Memory. */
export type HostMemory = typeof globalThis extends { WebAssembly: { Memory: { prototype: infer T } } }
  ? T
  : { readonly buffer: ArrayBufferLike };
