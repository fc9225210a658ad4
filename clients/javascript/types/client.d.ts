/** @typedef {import("./records.js").PaymentAccount} PaymentAccount */
/** @typedef {import("./records.js").Event} Event */
/** @typedef {import("./records.js").Deliveries} Deliveries */
/** @typedef {import("./records.js").WebhookEndpoint} WebhookEndpoint */
/** @typedef {import("./records.js").RedirectSecret} RedirectSecret */
/** @typedef {import("./requests.js").Once} Once */
/** Speaks for one partner. Every method may throw Problem, ServiceUnreachable and UnexpectedAnswer. */
export class Client extends Giving {
    /**
     * A payee. Without credentials they are to be onboarded by link.
     * @param {{ providerName: string, credentials?: string }} account @param {Once} [once] @returns {Promise<PaymentAccount>}
     */
    createPaymentAccount(account: {
        providerName: string;
        credentials?: string;
    }, once?: Once): Promise<PaymentAccount>;
    /** @param {string} id @returns {Promise<PaymentAccount>} */
    getPaymentAccount(id: string): Promise<PaymentAccount>;
    /** Newest first. @param {{ limit?: number }} [page] @returns {AsyncGenerator<PaymentAccount, void>} */
    listPaymentAccounts({ limit }?: {
        limit?: number;
    }): AsyncGenerator<PaymentAccount, void>;
    /**
     * New credentials hold for all goals that name the account. Throws VersionConflict.
     * @param {string} id @param {number} version @param {{ credentials?: string }} changes @returns {Promise<PaymentAccount>}
     */
    updatePaymentAccount(id: string, version: number, changes: {
        credentials?: string;
    }): Promise<PaymentAccount>;
    /** Throws Conflict while a goal names it. @param {string} id */
    deletePaymentAccount(id: string): Promise<void>;
    /** A fresh `onboardingUrl`: send the payee there at once, and nobody else. @param {string} id @returns {Promise<PaymentAccount>} */
    onboard(id: string): Promise<PaymentAccount>;
    /** Have the provider asked how the payee stands. @param {string} id @returns {Promise<PaymentAccount>} */
    checkPaymentAccount(id: string): Promise<PaymentAccount>;
    /**
     * Each event after the one with this Id, oldest first, and then each new one as it happens, without end. Store the Id of an
     * event once you have dealt with it; undefined begins with the first of all, "latest" with the next.
     *
     * With `wait: 0` it ends where there is nothing more for now. It goes on through restarts and outages of the service, with
     * pauses of half a minute at most, unless `giveUpAfter` says how many seconds of failure are enough.
     * @param {{ after?: string, wait?: number, limit?: number, giveUpAfter?: number }} [from] @returns {AsyncGenerator<Event, void>}
     */
    events(from?: {
        after?: string;
        wait?: number;
        limit?: number;
        giveUpAfter?: number;
    }): AsyncGenerator<Event, void>;
    /** What became of the delivery of an event, try by try. @param {string} id @returns {Promise<Deliveries>} */
    getDeliveries(id: string): Promise<Deliveries>;
    /** The events that were given up: your webhook has missed them. @returns {AsyncGenerator<Event, void>} */
    listUndelivered(): AsyncGenerator<Event, void>;
    /** Send it once more. @param {string} id @returns {Promise<Event>} */
    redeliver(id: string): Promise<Event>;
    /** Throws NotFound where there is none. @returns {Promise<WebhookEndpoint>} */
    getWebhookEndpoint(): Promise<WebhookEndpoint>;
    /**
     * Make one, or change the one there is at this version. Keep the `secret`: it is in the answer that made it, only.
     * @param {{ url: string, eventTypes?: string[], format?: "JSON" | "XML" }} endpoint @param {number} [version]
     * @returns {Promise<WebhookEndpoint>}
     */
    setWebhookEndpoint(endpoint: {
        url: string;
        eventTypes?: string[];
        format?: "JSON" | "XML";
    }, version?: number): Promise<WebhookEndpoint>;
    /** Nothing is sent any more. */
    deleteWebhookEndpoint(): Promise<void>;
    /** A new secret. Where it is missing the answer got lost: call again. @param {Once} [once] @returns {Promise<WebhookEndpoint>} */
    rotateWebhookSecret(once?: Once): Promise<WebhookEndpoint>;
    /** Have an event sent that tells of nothing. @returns {Promise<Event>} */
    testWebhook(): Promise<Event>;
    /** All of them, where you have several. @returns {AsyncGenerator<WebhookEndpoint, void>} */
    listWebhookEndpoints(): AsyncGenerator<WebhookEndpoint, void>;
    /**
     * One more. Keep the `secret`.
     * @param {{ url: string, eventTypes?: string[], format?: "JSON" | "XML" }} endpoint @param {Once} [once]
     * @returns {Promise<WebhookEndpoint>}
     */
    createWebhookEndpoint(endpoint: {
        url: string;
        eventTypes?: string[];
        format?: "JSON" | "XML";
    }, once?: Once): Promise<WebhookEndpoint>;
    /** One of several. @param {string} id */
    removeWebhookEndpoint(id: string): Promise<void>;
    /** Have the addresses that givers come back to signed. Keep the `secret`. @param {Once} [once] @returns {Promise<RedirectSecret>} */
    createRedirectSecret(once?: Once): Promise<RedirectSecret>;
    /** @param {Once} [once] @returns {Promise<RedirectSecret>} */
    rotateRedirectSecret(once?: Once): Promise<RedirectSecret>;
    /** Unsigned again. */
    deleteRedirectSecret(): Promise<void>;
}
export type PaymentAccount = import("./records.js").PaymentAccount;
export type Event = import("./records.js").Event;
export type Deliveries = import("./records.js").Deliveries;
export type WebhookEndpoint = import("./records.js").WebhookEndpoint;
export type RedirectSecret = import("./records.js").RedirectSecret;
export type Once = import("./requests.js").Once;
import { Giving } from "./giving.js";
