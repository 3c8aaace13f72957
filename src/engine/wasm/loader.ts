/** The only import of `@assemblyscript/loader`: a module of its own, so that it is loaded where a binary is, and a bundler shakes it. */
export { instantiateSync } from "@assemblyscript/loader";
