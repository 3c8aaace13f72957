/**
 * A module of Node before 20.16, which has no `process.getBuiltinModule`. The build leaves this out of the files that
 * bundlers read, because some (Metro) refuse an import whose name they cannot see (src/build/importByName.ts).
 */
export const importByName = (name: string): Promise<unknown> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ name);
