/**
 * @typedef {object} Options
 * @property {number} [answerSeconds] how long one try waits for its answer; 15 if left out
 * @property {number} [deadlineSeconds] how long a call goes on trying, at most; 60 if left out
 * @property {boolean} [strict] have the service refuse what it would repair
 * @property {(notice: string) => void} [onNotice] is told what the service repaired in what was sent
 * @property {typeof fetch} [fetch] another one than the global
 */
/**
 * @typedef {object} Call
 * @property {Record<string, string | undefined>} [query]
 * @property {any} [body] becomes JSON
 * @property {Record<string, string | undefined>} [headers]
 * @property {string} [idempotencyKey]
 * @property {boolean} [triesAgain]
 * @property {number} [moreSeconds] how long the service was asked to hold its answer
 */
/** @typedef {{ status: number, headers: Headers, document: any, etag: string, retryAfter: number | undefined }} Answer */
/** A name for one intent: send it again with the request when its answer got lost. */
export function newIdempotencyKey(): `${string}-${string}-${string}-${string}-${string}`;
/** @param {Headers} headers @returns {number | undefined} seconds, from a number of them or a date */
export function retryAfterOf(headers: Headers): number | undefined;
export function sleep(seconds: number): Promise<any>;
export function monotonic(): number;
export class Connection {
    /** @param {string} address @param {string} apiKey @param {Options} [options] */
    constructor(address: string, apiKey: string, { answerSeconds, deadlineSeconds, strict, onNotice, fetch: other }?: Options);
    address: string;
    answerSeconds: number;
    deadlineSeconds: number;
    strict: boolean;
    onNotice: ((notice: string) => void) | undefined;
    /**
     * One request, tried again as this file says.
     * @param {string} verb @param {string[]} path @param {Call} [call]
     * @returns {Promise<Answer>}
     */
    call(verb: string, path: string[], { query, body, headers, idempotencyKey, triesAgain, moreSeconds }?: Call): Promise<Answer>;
    #private;
}
export type Options = {
    /**
     * how long one try waits for its answer; 15 if left out
     */
    answerSeconds?: number | undefined;
    /**
     * how long a call goes on trying, at most; 60 if left out
     */
    deadlineSeconds?: number | undefined;
    /**
     * have the service refuse what it would repair
     */
    strict?: boolean | undefined;
    /**
     * is told what the service repaired in what was sent
     */
    onNotice?: ((notice: string) => void) | undefined;
    /**
     * another one than the global
     */
    fetch?: typeof fetch | undefined;
};
export type Call = {
    query?: Record<string, string | undefined> | undefined;
    /**
     * becomes JSON
     */
    body?: any;
    headers?: Record<string, string | undefined> | undefined;
    idempotencyKey?: string | undefined;
    triesAgain?: boolean | undefined;
    /**
     * how long the service was asked to hold its answer
     */
    moreSeconds?: number | undefined;
};
export type Answer = {
    status: number;
    headers: Headers;
    document: any;
    etag: string;
    retryAfter: number | undefined;
};
