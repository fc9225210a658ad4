/**
 * See Client.events.
 * @param {import("./connection.js").Connection} connection
 * @param {{ after?: string, wait?: number, limit?: number, giveUpAfter?: number }} [from]
 * @returns {AsyncGenerator<import("./records.js").Event, void>}
 */
export function follow(connection: import("./connection.js").Connection, { after, wait, limit, giveUpAfter }?: {
    after?: string;
    wait?: number;
    limit?: number;
    giveUpAfter?: number;
}): AsyncGenerator<import("./records.js").Event, void>;
