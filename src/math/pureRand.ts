/**
 * The generator and its distributions; the only import of `pure-rand`. The build puts their code into this file's place in
 * dist, because some bundlers (Parcel) do not find these paths; Node takes the installed package (src/build/bundle.ts).
 */
export { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
export { uniformInt } from "pure-rand/distribution/uniformInt";
export { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
