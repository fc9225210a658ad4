/** @param {string} name @param {Answer} answer @returns {any} */
export function one(name: string, answer: Answer): any;
/** @typedef {import("./connection.js").Options} Options */
/** @typedef {import("./connection.js").Answer} Answer */
/** @typedef {{ idempotencyKey?: string }} Once a name of yours for this one intent; the same call with it is done once */
/** The base of the client. */
export class Requests {
    /** @param {string} address where the service is, without /api @param {string} apiKey @param {Options} [options] */
    constructor(address: string, apiKey: string, options?: Options);
    connection: Connection;
    /** @protected @param {string} name @param {string[]} path @returns {Promise<any>} */
    protected _get(name: string, path: string[]): Promise<any>;
    /** @protected @param {string} name @param {string[]} path @param {any} [body] @param {Once} [once] @returns {Promise<any>} */
    protected _post(name: string, path: string[], body?: any, { idempotencyKey }?: Once): Promise<any>;
    /**
     * @protected
     * @param {string} name @param {string[]} path @param {Record<string, string | undefined>} filters @param {number} limit
     * @returns {AsyncGenerator<any, void>}
     */
    protected _pages(name: string, path: string[], filters: Record<string, string | undefined>, limit: number): AsyncGenerator<any, void>;
    /** @protected @param {string[]} path @param {any} body @returns {Promise<string[]>} */
    protected _validate(path: string[], body: any): Promise<string[]>;
}
export type Options = import("./connection.js").Options;
export type Answer = import("./connection.js").Answer;
/**
 * a name of yours for this one intent; the same call with it is done once
 */
export type Once = {
    idempotencyKey?: string;
};
import { Connection } from "./connection.js";
