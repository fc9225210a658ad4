/** Speaks for one partner. Every method may throw Problem, ServiceUnreachable and UnexpectedAnswer. */
export class Client {
    /** @param {string} address where the service is, without /api @param {string} apiKey @param {Options} [options] */
    constructor(address: string, apiKey: string, options?: Options);
    connection: Connection;
    /** A new goal. @param {NewGoal} goal @param {Once} [once] @returns {Promise<SavingGoal>} */
    createGoal(goal: NewGoal, once?: Once): Promise<SavingGoal>;
    /** With the newest 50 of its contributions. @param {string} id @returns {Promise<SavingGoal>} */
    getGoal(id: string): Promise<SavingGoal>;
    /** Null where nothing in it has changed, its contributions included. @param {SavingGoal} known @returns {Promise<SavingGoal | null>} */
    getGoalIfChanged(known: SavingGoal): Promise<SavingGoal | null>;
    /**
     * Newest first, page by page as you go.
     * @param {{ externalItemId?: string, id?: string, state?: string, limit?: number }} [filter]
     * @returns {AsyncGenerator<SavingGoal, void>}
     */
    listGoals({ externalItemId, id, state, limit }?: {
        externalItemId?: string;
        id?: string;
        state?: string;
        limit?: number;
    }): AsyncGenerator<SavingGoal, void>;
    /**
     * Make the goal what it is here: `replaceGoal({ ...goal, name: "..." })`. This is PUT; throws VersionConflict where it has
     * changed since it was read.
     * @param {SavingGoal} goal @returns {Promise<SavingGoal>}
     */
    replaceGoal(goal: SavingGoal): Promise<SavingGoal>;
    /**
     * Change what is named; null takes an element away. This is PATCH; throws VersionConflict.
     * @param {string} id @param {number} version @param {GoalElements} changes @returns {Promise<SavingGoal>}
     */
    updateGoal(id: string, version: number, changes: GoalElements): Promise<SavingGoal>;
    /** With `etag` only where nothing has changed. @param {string} id @param {{ etag?: string }} [condition] */
    deleteGoal(id: string, { etag }?: {
        etag?: string;
    }): Promise<void>;
    /** No new gifts; checkouts that are open go on. @param {string} id @param {Once} [once] @returns {Promise<SavingGoal>} */
    closeGoal(id: string, once?: Once): Promise<SavingGoal>;
    /** Gifts again. @param {string} id @param {Once} [once] @returns {Promise<SavingGoal>} */
    reopenGoal(id: string, once?: Once): Promise<SavingGoal>;
    /** What createGoal would say: the notices. Nothing is stored; throws the faults. @param {NewGoal} goal @returns {Promise<string[]>} */
    validateGoal(goal: NewGoal): Promise<string[]>;
    /**
     * A new gift: send the giver's browser to its `providerUrl` next.
     * @param {string} goalId @param {NewContribution} gift @param {Once} [once] @returns {Promise<Contribution>}
     */
    createContribution(goalId: string, gift: NewContribution, once?: Once): Promise<Contribution>;
    /** @param {string} id @returns {Promise<Contribution>} */
    getContribution(id: string): Promise<Contribution>;
    /**
     * The gift as soon as it is not as `known` has it; null where nothing has changed after so many seconds.
     * @param {Contribution} known @param {number} [seconds] @returns {Promise<Contribution | null>}
     */
    waitForContribution(known: Contribution, seconds?: number): Promise<Contribution | null>;
    /**
     * A goal's gifts, newest first, page by page as you go.
     * @param {string} goalId @param {{ status?: string, limit?: number }} [filter] @returns {AsyncGenerator<Contribution, void>}
     */
    listContributions(goalId: string, { status, limit }?: {
        status?: string;
        limit?: number;
    }): AsyncGenerator<Contribution, void>;
    /**
     * Across your goals. Filters by their names on the wire: Status, Reference, ExternalItemId, ProviderName, From, To ...
     * @param {Record<string, string>} [filters] @param {number} [limit] @returns {AsyncGenerator<Contribution, void>}
     */
    listAllContributions(filters?: Record<string, string>, limit?: number): AsyncGenerator<Contribution, void>;
    /** Cancel what is Submitted, let go what is Authorized. @param {string} id @param {{ etag?: string }} [condition] */
    deleteContribution(id: string, { etag }?: {
        etag?: string;
    }): Promise<void>;
    /** Take what is held. Look at the status afterwards. @param {string} id @param {Once} [once] @returns {Promise<Contribution>} */
    capture(id: string, once?: Once): Promise<Contribution>;
    /** Have the provider asked now; at most once in ten seconds. @param {string} id @returns {Promise<Contribution>} */
    check(id: string): Promise<Contribution>;
    /**
     * Give back so much, or all that is left.
     * @param {string} id @param {{ amount?: Amount, reason?: string }} [refund] @param {Once} [once] @returns {Promise<Refund>}
     */
    refund(id: string, refund?: {
        amount?: Amount;
        reason?: string;
    }, once?: Once): Promise<Refund>;
    /** A gift's refunds, newest first. @param {string} id @param {{ limit?: number }} [page] @returns {AsyncGenerator<Refund, void>} */
    listRefunds(id: string, { limit }?: {
        limit?: number;
    }): AsyncGenerator<Refund, void>;
    /** Across your goals. @param {Record<string, string>} [filters] @param {number} [limit] @returns {AsyncGenerator<Refund, void>} */
    listAllRefunds(filters?: Record<string, string>, limit?: number): AsyncGenerator<Refund, void>;
    /** Each version of a gift: when, what status, why. @param {string} id @returns {Promise<Change[]>} */
    getHistory(id: string): Promise<Change[]>;
    /**
     * What createContribution would say: the notices. Nothing is stored; throws the faults.
     * @param {string} goalId @param {NewContribution} gift @returns {Promise<string[]>}
     */
    validateContribution(goalId: string, gift: NewContribution): Promise<string[]>;
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
    #private;
}
export type SavingGoal = import("./records.js").SavingGoal;
export type Contribution = import("./records.js").Contribution;
export type Refund = import("./records.js").Refund;
export type Change = import("./records.js").Change;
export type PaymentAccount = import("./records.js").PaymentAccount;
export type Event = import("./records.js").Event;
export type Deliveries = import("./records.js").Deliveries;
export type WebhookEndpoint = import("./records.js").WebhookEndpoint;
export type RedirectSecret = import("./records.js").RedirectSecret;
export type Options = import("./connection.js").Options;
export type Answer = import("./connection.js").Answer;
/**
 * a decimal text, or a whole number
 */
export type Amount = string | number | bigint;
export type NewPaymentProvider = {
    providerName: string;
    credentials?: string;
    paymentAccountId?: string;
};
export type GoalElements = {
    externalItemId?: string | undefined;
    name?: string | undefined;
    goalAmount?: Amount | undefined;
    paymentProviders?: NewPaymentProvider[] | undefined;
    startingAmount?: Amount | undefined;
    currency?: string | undefined;
    endDate?: string | null | undefined;
    capturePolicy?: string | undefined;
    confirmationUrl?: string | null | undefined;
    cancelUrl?: string | null | undefined;
    overfunding?: string | undefined;
    minimumAmount?: Amount | null | undefined;
    maximumAmount?: Amount | null | undefined;
    suggestedAmounts?: Amount[] | undefined;
    description?: string | null | undefined;
    imageUrl?: string | null | undefined;
    metadata?: Record<string, string> | undefined;
};
export type NewGoal = GoalElements & Required<Pick<GoalElements, "externalItemId" | "name" | "goalAmount" | "paymentProviders">>;
export type NewContribution = {
    amount: Amount;
    contributor: string;
    message?: string | undefined;
    providerName?: string | undefined;
    reference?: string | undefined;
    memo?: string | undefined;
    anonymous?: boolean | undefined;
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
    language?: string | undefined;
    metadata?: Record<string, string> | undefined;
};
/**
 * a name of yours for this one intent; the same call with it is done once
 */
export type Once = {
    idempotencyKey?: string;
};
import { Connection } from "./connection.js";
