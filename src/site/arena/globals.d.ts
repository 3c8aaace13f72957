/// <reference types="vite/client" />

/** The version of the package, which the build fills in. */
declare const __VERSION__: string;
