// Documents to records and back, by the tables in records.js. Amounts stay the decimal texts that stand on the wire.

import { RECORDS } from "./records.js";
import { UnexpectedAnswer } from "./errors.js";

/**
 * The record in a JSON document.
 * @param {string} name the record's name on the wire
 * @param {any} document @param {string} [etag]
 * @returns {any}
 */
export function readRecord(name, document, etag = "") {
  if (document === null || typeof document !== "object" || Array.isArray(document)) {
    throw new UnexpectedAnswer(`the answer holds no ${name}`);
  }
  /** @type {Record<string, any>} */
  const record = {};
  for (const [attribute, element, kind, inner, required] of RECORDS[name]) {
    const given = document[element] ?? null;
    if (given !== null) record[attribute] = read(given, kind, inner, `${element} of the ${name}`);
    else if (kind === "flag" && required) record[attribute] = false;
    else if (["list", "inline", "texts", "decimals"].includes(kind)) record[attribute] = [];
    else if (kind === "pairs") record[attribute] = {};
    else if (required) throw new UnexpectedAnswer(`the answer holds a ${name} without ${element}`);
  }
  record.etag = etag;
  // The record as it came, with whatever this package does not know yet; not to be listed with the rest.
  Object.defineProperty(record, "document", { value: document, enumerable: false });
  return record;
}

/**
 * A JSON document of what a client may write; null takes an element away (in a PATCH).
 * @param {string} name @param {Record<string, any>} values
 */
export function written(name, values) {
  const rows = new Map(RECORDS[name].filter((row) => row[5]).map((row) => [row[0], row]));
  /** @type {Record<string, any>} */
  const document = {};
  for (const [attribute, value] of Object.entries(values)) {
    const row = rows.get(attribute);
    if (row === undefined) throw new TypeError(`a ${name} has no ${attribute} that can be written`);
    if (value !== undefined) document[row[1]] = write(value, row[2], row[3]);
  }
  return document;
}

/**
 * What a client may write of a record that was read; what is empty is left out.
 * @param {string} name @param {Record<string, any>} record
 */
export function writtenRecord(name, record) {
  const attributes = RECORDS[name].filter((row) => row[5]).map((row) => row[0]);
  const values = attributes.map((attribute) => /** @type {[string, any]} */ ([attribute, record[attribute]]));
  return written(name, Object.fromEntries(values.filter(([, value]) => !isEmpty(value))));
}

/** @param {any} value */
function isEmpty(value) {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/**
 * An amount as it stands on the wire. A number is refused unless it is whole: 0.1 is not ten cents.
 * @param {string | number | bigint} amount
 */
export function decimalText(amount) {
  if (typeof amount === "string") return amount;
  if (typeof amount === "bigint" || Number.isSafeInteger(amount)) return String(amount);
  throw new TypeError(`an amount is a text such as "20.00" or a whole number, not ${String(amount)}`);
}

/** @param {any} given @param {string} inner @returns {any[]} what stands in a wrapper, `{"Item": [...]}`, or in a bare array */
function within(given, inner) {
  const found = Array.isArray(given) ? given : (given[inner] ?? []);
  return Array.isArray(found) ? found : [found];
}

/** @param {any} given @param {string} kind @param {string} inner @param {string} what @returns {any} */
function read(given, kind, inner, what) {
  switch (kind) {
    case "integer":
      if (!Number.isSafeInteger(Number(given))) break;
      return Number(given);
    case "flag":
      if (![true, false, "true", "false"].includes(given)) break;
      return given === true || given === "true";
    case "decimal":
      if (!/^-?\d+(\.\d+)?$/.test(String(given))) break;
      return String(given);
    case "moment":
      if (Number.isNaN(Date.parse(given))) break;
      return given;
    case "list":
      return within(given, inner).map((one) => readRecord(inner, one));
    case "inline":
      return within(given, "").map((one) => readRecord(inner, one));
    case "record":
      return readRecord(inner, given);
    case "texts":
    case "decimals":
      return within(given, inner).map(String);
    case "pairs":
      return Object.fromEntries(within(given, "Item").map((one) => [one.Name, one.Value]));
    default:
      if (typeof given === "object") break;
      return String(given);
  }
  throw new UnexpectedAnswer(`${what} in the answer cannot be read`);
}

/** @param {any} value @param {string} kind @param {string} inner @returns {any} */
function write(value, kind, inner) {
  if (value === null) return null;
  switch (kind) {
    case "decimal":
      return decimalText(value);
    case "decimals":
      return { [inner]: value.map(decimalText) };
    case "texts":
      return { [inner]: [...value] };
    case "list":
      return { [inner]: value.map((/** @type {any} */ one) => writtenRecord(inner, one)) };
    case "pairs":
      return { Item: Object.entries(value).map(([Name, Value]) => ({ Name, Value })) };
    default:
      return value;
  }
}
