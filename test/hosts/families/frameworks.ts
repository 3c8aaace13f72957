import type { Row } from "../support/row.js";

export const frameworks: Row[] = [];
