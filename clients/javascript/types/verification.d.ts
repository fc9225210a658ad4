/**
 * The event in a webhook (Standard Webhooks), once it is known to be genuine. Throws VerificationFailed.
 *
 * Keep the event's `id`: one whose answer got lost comes again under the same.
 * @param {string | string[]} secrets `whsec_...`, or several while you rotate
 * @param {Headers | Record<string, string | string[] | undefined>} headers under any spelling of their names
 * @param {string | Uint8Array} body the bytes as they came
 * @param {Tolerance} [tolerance]
 * @returns {import("./records.js").Event}
 */
export function verifyWebhook(secrets: string | string[], headers: Headers | Record<string, string | string[] | undefined>, body: string | Uint8Array, { toleranceSeconds, now }?: Tolerance): import("./records.js").Event;
/**
 * What a giver's address says, once it is known to be the service's word. Throws VerificationFailed. The signature holds for
 * the moment: ask the service how the gift stands later on.
 * @param {string | string[]} secrets
 * @param {string} address what the browser asked for, or its query string
 * @param {Tolerance} [tolerance]
 * @returns {Bounce}
 */
export function verifyBounce(secrets: string | string[], address: string, { toleranceSeconds, now }?: Tolerance): Bounce;
/**
 * `now`: Unix seconds, for tests
 */
export type Tolerance = {
    toleranceSeconds?: number;
    now?: number;
};
export type Bounce = {
    contributionId: string;
    status: string;
    time: number;
};
