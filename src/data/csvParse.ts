/**
 * The parser of quoted text; the only import of `csv-parse`. The build puts the parser itself into this file's place in dist,
 * so that it is no dependency of the package (src/build/bundle.ts).
 */
export { type CsvError, type Options, parse } from "csv-parse/sync";
