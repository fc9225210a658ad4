/** @typedef {import("./records.js").Giver} Giver */
/** @typedef {import("./records.js").Permission} Permission */
/** @typedef {import("./records.js").Pledge} Pledge */
/** @typedef {import("./records.js").GiftCertificate} GiftCertificate */
/** @typedef {import("./records.js").Matcher} Matcher */
/** @typedef {import("./records.js").Refund} Refund */
/** @typedef {import("./requests.js").Once} Once */
/** @typedef {import("./gifts.js").Amount} Amount */
/**
 * @typedef {object} NewPermission
 * @property {string} providerName @property {string} currency @property {Amount} maximumAmount @property {Amount} [maximumTotal]
 * @property {string} [endDate] @property {string} [confirmationUrl] @property {string} [cancelUrl]
 */
/**
 * @typedef {object} NewPledge
 * @property {string} giverId @property {Amount} amount @property {"Week" | "Month"} every @property {string} [permissionId]
 * @property {string} [startDate] @property {string} [endDate] @property {string} [timeZone] @property {string} [contributor]
 * @property {string} [message] @property {boolean} [anonymous] @property {string} [reference]
 * @property {string} [pin] where the giver has one
 */
/**
 * @typedef {object} NewGiftCertificate
 * @property {Amount} amount @property {string} currency @property {string} paymentAccountId @property {string} recipientName
 * @property {string} [message] @property {string} [expiresDate] @property {string} [contributor] @property {string} [reference]
 * @property {string} [confirmationUrl] @property {string} [cancelUrl]
 */
/** What can be done with givers, and by those who are known again. */
export class Giving extends Gifts {
    /**
     * `externalId` is your own id of them; throws Conflict where another giver of yours has it.
     * @param {{ externalId: string, name?: string, email?: string }} giver @param {Once} [once] @returns {Promise<Giver>}
     */
    createGiver(giver: {
        externalId: string;
        name?: string;
        email?: string;
    }, once?: Once): Promise<Giver>;
    /** @param {string} id @returns {Promise<Giver>} */
    getGiver(id: string): Promise<Giver>;
    /** The giver with this id of yours; null where there is none. @param {string} externalId @returns {Promise<Giver | null>} */
    findGiver(externalId: string): Promise<Giver | null>;
    /** Newest first. @param {{ externalId?: string, limit?: number }} [filter] @returns {AsyncGenerator<Giver, void>} */
    listGivers({ externalId, limit }?: {
        externalId?: string;
        limit?: number;
    }): AsyncGenerator<Giver, void>;
    /**
     * Change what is named; null takes `name` or `email` away. Throws VersionConflict.
     * @param {string} id @param {number} version
     * @param {{ externalId?: string, name?: string | null, email?: string | null }} changes @returns {Promise<Giver>}
     */
    updateGiver(id: string, version: number, changes: {
        externalId?: string;
        name?: string | null;
        email?: string | null;
    }): Promise<Giver>;
    /** Erase the person: the permissions are over, what names them is replaced. The amounts stay. @param {string} id */
    eraseGiver(id: string): Promise<void>;
    /** Another `giverUrl`; the one before is over. @param {string} id @param {Once} [once] @returns {Promise<Giver>} */
    rotateGiverPage(id: string, once?: Once): Promise<Giver>;
    /**
     * A PIN of 4 to 8 digits. Where one is set already, `old` is that one: throws Forbidden where it is not, and Problem with status
     * 423 where too many wrong ones have locked it.
     * @param {string} id @param {string} pin @param {{ old?: string } & Once} [how]
     */
    setPin(id: string, pin: string, { old, idempotencyKey }?: {
        old?: string;
    } & Once): Promise<void>;
    /**
     * Throws Forbidden where this is not the giver's PIN, and Problem with status 423 where it is locked.
     * @param {string} id @param {string} pin @param {Once} [once]
     */
    verifyPin(id: string, pin: string, { idempotencyKey }?: Once): Promise<void>;
    /** For a giver who has forgotten it, and whom you know otherwise. Its lock goes with it. @param {string} id */
    removePin(id: string): Promise<void>;
    /**
     * Ask the giver to agree: send their browser to its `permissionUrl` next. It is Requested until they have.
     * @param {string} giverId @param {NewPermission} permission @param {Once} [once] @returns {Promise<Permission>}
     */
    askPermission(giverId: string, permission: NewPermission, once?: Once): Promise<Permission>;
    /** @param {string} id @returns {Promise<Permission>} */
    getPermission(id: string): Promise<Permission>;
    /** A giver's, newest first. @param {string} giverId @param {{ limit?: number }} [page] @returns {AsyncGenerator<Permission, void>} */
    listPermissions(giverId: string, { limit }?: {
        limit?: number;
    }): AsyncGenerator<Permission, void>;
    /** Take it back, here and at the provider. It can be read all the same. @param {string} id @param {{ etag?: string }} [condition] */
    revokePermission(id: string, { etag }?: {
        etag?: string;
    }): Promise<void>;
    /**
     * So much every week or month; `nextDate` says when the first gift is made. Throws Conflict where no permission covers it.
     * @param {string} goalId @param {NewPledge} pledge @param {Once} [once] @returns {Promise<Pledge>}
     */
    createPledge(goalId: string, pledge: NewPledge, once?: Once): Promise<Pledge>;
    /** @param {string} id @returns {Promise<Pledge>} */
    getPledge(id: string): Promise<Pledge>;
    /**
     * A goal's, newest first, page by page as you go.
     * @param {string} goalId @param {{ state?: string, limit?: number }} [filter] @returns {AsyncGenerator<Pledge, void>}
     */
    listPledges(goalId: string, { state, limit }?: {
        state?: string;
        limit?: number;
    }): AsyncGenerator<Pledge, void>;
    /**
     * Across your goals, of one giver or of all.
     * @param {{ giverId?: string, state?: string, limit?: number }} [filter] @returns {AsyncGenerator<Pledge, void>}
     */
    listAllPledges({ giverId, state, limit }?: {
        giverId?: string;
        state?: string;
        limit?: number;
    }): AsyncGenerator<Pledge, void>;
    /** No gift is begun until it is resumed. @param {string} id @param {Once} [once] @returns {Promise<Pledge>} */
    pausePledge(id: string, once?: Once): Promise<Pledge>;
    /** It goes on with the first gift that is due from now on. @param {string} id @param {Once} [once] @returns {Promise<Pledge>} */
    resumePledge(id: string, once?: Once): Promise<Pledge>;
    /** End it for good. It can be read all the same. @param {string} id @param {{ etag?: string }} [condition] */
    endPledge(id: string, { etag }?: {
        etag?: string;
    }): Promise<void>;
    /**
     * A certificate to be bought: send the buyer's browser to its `providerUrl` next, as with a gift.
     * @param {NewGiftCertificate} certificate @param {Once} [once] @returns {Promise<GiftCertificate>}
     */
    createGiftCertificate(certificate: NewGiftCertificate, once?: Once): Promise<GiftCertificate>;
    /** With its `claimCode` while it can be claimed: whoever has that can. @param {string} id @returns {Promise<GiftCertificate>} */
    getGiftCertificate(id: string): Promise<GiftCertificate>;
    /**
     * Yours, or those that a giver has claimed; newest first, page by page as you go.
     * @param {{ giverId?: string, status?: string, limit?: number }} [filter] @returns {AsyncGenerator<GiftCertificate, void>}
     */
    listGiftCertificates({ giverId, status, limit }?: {
        giverId?: string;
        status?: string;
        limit?: number;
    }): AsyncGenerator<GiftCertificate, void>;
    /**
     * The giver has typed this code. Throws Forbidden for a wrong one, Conflict for one that cannot be claimed.
     * @param {string} giverId @param {string} claimCode @param {Once} [once] @returns {Promise<GiftCertificate>}
     */
    claimGiftCertificate(giverId: string, claimCode: string, once?: Once): Promise<GiftCertificate>;
    /** Where you know whose it is. @param {string} id @param {string} giverId @param {Once} [once] @returns {Promise<GiftCertificate>} */
    claimWithoutCode(id: string, giverId: string, once?: Once): Promise<GiftCertificate>;
    /** Call off a purchase that is not paid; throws Conflict for one that is. @param {string} id @param {{ etag?: string }} [condition] */
    cancelGiftCertificate(id: string, { etag }?: {
        etag?: string;
    }): Promise<void>;
    /**
     * Give back to the buyer so much of what is unspent, or all of it.
     * @param {string} id @param {{ amount?: Amount, reason?: string }} [refund] @param {Once} [once] @returns {Promise<Refund>}
     */
    refundGiftCertificate(id: string, refund?: {
        amount?: Amount;
        reason?: string;
    }, once?: Once): Promise<Refund>;
    /** A purchase's, newest first. @param {string} id @param {{ limit?: number }} [page] @returns {AsyncGenerator<Refund, void>} */
    listGiftCertificateRefunds(id: string, { limit }?: {
        limit?: number;
    }): AsyncGenerator<Refund, void>;
    /**
     * Each gift that settles from now on is matched, by 100 percent unless told otherwise, until the total is reached.
     * @param {string} goalId @param {{ name: string, maximumTotal: Amount, percent?: number }} matcher @param {Once} [once]
     * @returns {Promise<Matcher>}
     */
    createMatcher(goalId: string, matcher: {
        name: string;
        maximumTotal: Amount;
        percent?: number;
    }, once?: Once): Promise<Matcher>;
    /** @param {string} id @returns {Promise<Matcher>} */
    getMatcher(id: string): Promise<Matcher>;
    /** A goal's, newest first. @param {string} goalId @param {{ limit?: number }} [page] @returns {AsyncGenerator<Matcher, void>} */
    listMatchers(goalId: string, { limit }?: {
        limit?: number;
    }): AsyncGenerator<Matcher, void>;
    /** No gift is matched any more; what was matched stays. @param {string} id @param {{ etag?: string }} [condition] */
    deleteMatcher(id: string, { etag }?: {
        etag?: string;
    }): Promise<void>;
}
export type Giver = import("./records.js").Giver;
export type Permission = import("./records.js").Permission;
export type Pledge = import("./records.js").Pledge;
export type GiftCertificate = import("./records.js").GiftCertificate;
export type Matcher = import("./records.js").Matcher;
export type Refund = import("./records.js").Refund;
export type Once = import("./requests.js").Once;
export type Amount = import("./gifts.js").Amount;
export type NewPermission = {
    providerName: string;
    currency: string;
    maximumAmount: Amount;
    maximumTotal?: import("./gifts.js").Amount | undefined;
    endDate?: string | undefined;
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
};
export type NewPledge = {
    giverId: string;
    amount: Amount;
    every: "Week" | "Month";
    permissionId?: string | undefined;
    startDate?: string | undefined;
    endDate?: string | undefined;
    timeZone?: string | undefined;
    contributor?: string | undefined;
    message?: string | undefined;
    anonymous?: boolean | undefined;
    reference?: string | undefined;
    /**
     * where the giver has one
     */
    pin?: string | undefined;
};
export type NewGiftCertificate = {
    amount: Amount;
    currency: string;
    paymentAccountId: string;
    recipientName: string;
    message?: string | undefined;
    expiresDate?: string | undefined;
    contributor?: string | undefined;
    reference?: string | undefined;
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
};
import { Gifts } from "./gifts.js";
