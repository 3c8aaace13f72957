import type { Row } from "../support/row.js";

export const edge: Row[] = [];
