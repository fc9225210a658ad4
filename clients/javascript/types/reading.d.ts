/**
 * The record in a JSON document.
 * @param {string} name the record's name on the wire
 * @param {any} document @param {string} [etag]
 * @returns {any}
 */
export function readRecord(name: string, document: any, etag?: string): any;
/**
 * A JSON document of what a client may write; null takes an element away (in a PATCH).
 * @param {string} name @param {Record<string, any>} values
 */
export function written(name: string, values: Record<string, any>): Record<string, any>;
/**
 * What a client may write of a record that was read; what is empty is left out.
 * @param {string} name @param {Record<string, any>} record
 */
export function writtenRecord(name: string, record: Record<string, any>): Record<string, any>;
/**
 * An amount as it stands on the wire. A number is refused unless it is whole: 0.1 is not ten cents.
 * @param {string | number | bigint} amount
 */
export function decimalText(amount: string | number | bigint): string;
