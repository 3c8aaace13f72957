/** Records of CSV files that the command writes. */

/** A cell, in quotes if RFC 4180 requires them. */
export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * A cell for a spreadsheet, which would take one that begins so for a formula: an apostrophe before it makes it text. Numbers
 * stay numbers.
 *
 * OWASP, CSV Injection.
 */
export const spreadsheetCell = (text: string): string =>
  csvCell(/^[=+\-@\t\r\n＝＋－＠]/.test(text) && !NUMBER.test(text) ? `'${text}` : text);

const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;
