/** What can be done with goals and gifts. */
export class Gifts extends Requests {
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
     * A new gift: send the giver's browser to its `providerUrl` next. With `usePermission` it is paid at once where a permission covers
     * it; it is Submitted where none does, and `onNotice` is told why.
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
}
export type SavingGoal = import("./records.js").SavingGoal;
export type Contribution = import("./records.js").Contribution;
export type Refund = import("./records.js").Refund;
export type Change = import("./records.js").Change;
export type Once = import("./requests.js").Once;
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
    giverId?: string | undefined;
    usePermission?: boolean | undefined;
    /**
     * where the giver has one
     */
    pin?: string | undefined;
};
import { Requests } from "./requests.js";
