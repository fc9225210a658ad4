/**
 * One way in which a goal's gifts can be paid, and to whom: credentials, or the id of a payment account.
 * @typedef {object} PaymentProvider
 * @property {string} providerName
 * @property {string} [credentials]
 * @property {string} [paymentAccountId]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * One gift to one goal. `ProviderURL` is where the giver pays.
 * @typedef {object} Contribution
 * @property {string} id
 * @property {string} amount
 * @property {string} date
 * @property {string} contributor
 * @property {string} [message]
 * @property {string} status
 * @property {string} [providerName]
 * @property {string} providerUrl
 * @property {number} version
 * @property {string} currency
 * @property {string} refundedAmount
 * @property {string} [statusReason]
 * @property {string} savingGoalId
 * @property {string} [settledAmount]
 * @property {string} [reversedAmount]
 * @property {string} [reference]
 * @property {string} [memo]
 * @property {boolean} anonymous
 * @property {string} [confirmationUrl]
 * @property {string} [cancelUrl]
 * @property {string} [language]
 * @property {string} [providerReference]
 * @property {string} [fee]
 * @property {string} [net]
 * @property {string} [platformFee]
 * @property {string} [settledDate]
 * @property {Record<string, string>} metadata
 * @property {boolean} test
 * @property {string} [giverId]
 * @property {string} [matchOf]
 * @property {string} [pledgeId]
 * @property {boolean} usePermission
 * @property {string} [pin]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * What somebody saves for. The version is to be named when the goal is changed.
 * @typedef {object} SavingGoal
 * @property {string} id
 * @property {string} externalItemId
 * @property {string} name
 * @property {string} startingAmount
 * @property {string} goalAmount
 * @property {string} currentAmount
 * @property {string} [endDate]
 * @property {Contribution[]} contributions
 * @property {PaymentProvider[]} paymentProviders
 * @property {string} [confirmationUrl]
 * @property {string} [cancelUrl]
 * @property {number} version
 * @property {string} recordOwner
 * @property {string} currency
 * @property {string} capturePolicy
 * @property {string} authorizedAmount
 * @property {string} [state]
 * @property {boolean} [acceptsGifts]
 * @property {string} [overfunding]
 * @property {string} [remainingAmount]
 * @property {string} [minimumAmount]
 * @property {string} [maximumAmount]
 * @property {string[]} suggestedAmounts
 * @property {string} [description]
 * @property {string} [imageUrl]
 * @property {Record<string, string>} metadata
 * @property {boolean} test
 * @property {string} [offlineAmount]
 * @property {string} [matchedAmount]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Money given back, or on its way back.
 * @typedef {object} Refund
 * @property {string} id
 * @property {string} amount
 * @property {string} [reason]
 * @property {string} status
 * @property {string} date
 * @property {string} [contributionId]
 * @property {string} [statusReason]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Somebody who adds so many percent to each gift of a goal, up to a cap.
 * @typedef {object} Matcher
 * @property {string} id
 * @property {string} name
 * @property {number} percent
 * @property {string} maximumTotal
 * @property {string} matchedTotal
 * @property {string} currency
 * @property {string} savingGoalId
 * @property {string} date
 * @property {number} version
 * @property {boolean} test
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * One version of a contribution in its history.
 * @typedef {object} Change
 * @property {number} version
 * @property {string} date
 * @property {string} [fromStatus]
 * @property {string} status
 * @property {string} [statusReason]
 * @property {string} [eventId]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * A payee kept once and used by many goals.
 * @typedef {object} PaymentAccount
 * @property {string} id
 * @property {string} providerName
 * @property {string} [credentials]
 * @property {string} [maskedCredentials]
 * @property {string} state
 * @property {string} [stateReason]
 * @property {string} [onboardingUrl]
 * @property {string} date
 * @property {number} version
 * @property {boolean} test
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Somebody who gives, known again by your own id. The e-mail address comes back masked.
 * @typedef {object} Giver
 * @property {string} id
 * @property {string} externalId
 * @property {string} [name]
 * @property {string} [email]
 * @property {boolean} pinSet
 * @property {string} giverUrl
 * @property {string} date
 * @property {number} version
 * @property {boolean} test
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * What a giver has agreed to, once and for all. `PermissionURL` is where the giver agrees.
 * @typedef {object} Permission
 * @property {string} id
 * @property {string} giverId
 * @property {string} providerName
 * @property {string} currency
 * @property {string} maximumAmount
 * @property {string} [maximumTotal]
 * @property {string} usedTotal
 * @property {string} [endDate]
 * @property {string} [confirmationUrl]
 * @property {string} [cancelUrl]
 * @property {string} state
 * @property {string} [stateReason]
 * @property {string} permissionUrl
 * @property {string} date
 * @property {number} version
 * @property {boolean} test
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Bought like a gift, claimed by a code, and spent on gifts. `ProviderURL` is where it is paid for.
 * @typedef {object} GiftCertificate
 * @property {string} id
 * @property {string} amount
 * @property {string} currency
 * @property {string} paymentAccountId
 * @property {string} [recipientName]
 * @property {string} [message]
 * @property {string} [expiresDate]
 * @property {string} status
 * @property {string} [statusReason]
 * @property {string} providerName
 * @property {string} providerUrl
 * @property {string} date
 * @property {string} balance
 * @property {string} [claimCode]
 * @property {string} [claimUrl]
 * @property {string} [giverId]
 * @property {string} [claimedDate]
 * @property {string} refundedAmount
 * @property {string} [reversedAmount]
 * @property {string} [expiredAmount]
 * @property {string} [contributor]
 * @property {string} [reference]
 * @property {string} [confirmationUrl]
 * @property {string} [cancelUrl]
 * @property {number} version
 * @property {boolean} test
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * An amount every week or month, under a giver's standing permission.
 * @typedef {object} Pledge
 * @property {string} id
 * @property {string} savingGoalId
 * @property {string} giverId
 * @property {string} [permissionId]
 * @property {string} amount
 * @property {string} currency
 * @property {string} every
 * @property {string} [startDate]
 * @property {string} [endDate]
 * @property {string} [timeZone]
 * @property {string} [contributor]
 * @property {string} [message]
 * @property {boolean} anonymous
 * @property {string} [reference]
 * @property {string} state
 * @property {string} [stateReason]
 * @property {number} [nextNumber]
 * @property {string} [nextDate]
 * @property {number} [failedTries]
 * @property {string} [failureReason]
 * @property {number} giftsMade
 * @property {number} giftsSkipped
 * @property {string} date
 * @property {number} version
 * @property {boolean} test
 * @property {string} [pin]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Something that happened, with the contribution or the goal as it was then.
 * @typedef {object} Event
 * @property {string} id
 * @property {string} type
 * @property {string} date
 * @property {Contribution} [contribution]
 * @property {SavingGoal} [savingGoal]
 * @property {Permission} [permission]
 * @property {GiftCertificate} [giftCertificate]
 * @property {Pledge} [pledge]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * One try to send an event to a webhook endpoint.
 * @typedef {object} Delivery
 * @property {number} number
 * @property {string} date
 * @property {string} url
 * @property {string} seconds
 * @property {number} [statusCode]
 * @property {string} [failure]
 * @property {string} [webhookEndpointId]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * How an event's delivery to one endpoint stands.
 * @typedef {object} Recipient
 * @property {string} webhookEndpointId
 * @property {string} [url]
 * @property {string} state
 * @property {string} [nextTry]
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * What became of an event's delivery, and each try, the newest first.
 * @typedef {object} Deliveries
 * @property {string} state
 * @property {string} [nextTry]
 * @property {Delivery[]} delivery
 * @property {Recipient[]} recipient
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Where events are sent. The secret is shown when it is made, and never again.
 * @typedef {object} WebhookEndpoint
 * @property {string} [id]
 * @property {string} url
 * @property {string[]} eventTypes
 * @property {string} format
 * @property {string} state
 * @property {string} [secret]
 * @property {number} version
 * @property {string} date
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * What the addresses that givers come back to are signed with. It is shown when it is made, and never again.
 * @typedef {object} RedirectSecret
 * @property {string} [secret]
 * @property {number} version
 * @property {string} date
 * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another
 */
/**
 * Name, element, kind, inner kind, whether it is always there, whether a client may write it.
 * @typedef {[string, string, string, string, boolean, boolean]} Row
 */
/** @type {Record<string, Row[]>} Each record by its name on the wire. */
export const RECORDS: Record<string, Row[]>;
/**
 * One way in which a goal's gifts can be paid, and to whom: credentials, or the id of a payment account.
 */
export type PaymentProvider = {
    providerName: string;
    credentials?: string | undefined;
    paymentAccountId?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * One gift to one goal. `ProviderURL` is where the giver pays.
 */
export type Contribution = {
    id: string;
    amount: string;
    date: string;
    contributor: string;
    message?: string | undefined;
    status: string;
    providerName?: string | undefined;
    providerUrl: string;
    version: number;
    currency: string;
    refundedAmount: string;
    statusReason?: string | undefined;
    savingGoalId: string;
    settledAmount?: string | undefined;
    reversedAmount?: string | undefined;
    reference?: string | undefined;
    memo?: string | undefined;
    anonymous: boolean;
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
    language?: string | undefined;
    providerReference?: string | undefined;
    fee?: string | undefined;
    net?: string | undefined;
    platformFee?: string | undefined;
    settledDate?: string | undefined;
    metadata: Record<string, string>;
    test: boolean;
    giverId?: string | undefined;
    matchOf?: string | undefined;
    pledgeId?: string | undefined;
    usePermission: boolean;
    pin?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * What somebody saves for. The version is to be named when the goal is changed.
 */
export type SavingGoal = {
    id: string;
    externalItemId: string;
    name: string;
    startingAmount: string;
    goalAmount: string;
    currentAmount: string;
    endDate?: string | undefined;
    contributions: Contribution[];
    paymentProviders: PaymentProvider[];
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
    version: number;
    recordOwner: string;
    currency: string;
    capturePolicy: string;
    authorizedAmount: string;
    state?: string | undefined;
    acceptsGifts?: boolean | undefined;
    overfunding?: string | undefined;
    remainingAmount?: string | undefined;
    minimumAmount?: string | undefined;
    maximumAmount?: string | undefined;
    suggestedAmounts: string[];
    description?: string | undefined;
    imageUrl?: string | undefined;
    metadata: Record<string, string>;
    test: boolean;
    offlineAmount?: string | undefined;
    matchedAmount?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Money given back, or on its way back.
 */
export type Refund = {
    id: string;
    amount: string;
    reason?: string | undefined;
    status: string;
    date: string;
    contributionId?: string | undefined;
    statusReason?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Somebody who adds so many percent to each gift of a goal, up to a cap.
 */
export type Matcher = {
    id: string;
    name: string;
    percent: number;
    maximumTotal: string;
    matchedTotal: string;
    currency: string;
    savingGoalId: string;
    date: string;
    version: number;
    test: boolean;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * One version of a contribution in its history.
 */
export type Change = {
    version: number;
    date: string;
    fromStatus?: string | undefined;
    status: string;
    statusReason?: string | undefined;
    eventId?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * A payee kept once and used by many goals.
 */
export type PaymentAccount = {
    id: string;
    providerName: string;
    credentials?: string | undefined;
    maskedCredentials?: string | undefined;
    state: string;
    stateReason?: string | undefined;
    onboardingUrl?: string | undefined;
    date: string;
    version: number;
    test: boolean;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Somebody who gives, known again by your own id. The e-mail address comes back masked.
 */
export type Giver = {
    id: string;
    externalId: string;
    name?: string | undefined;
    email?: string | undefined;
    pinSet: boolean;
    giverUrl: string;
    date: string;
    version: number;
    test: boolean;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * What a giver has agreed to, once and for all. `PermissionURL` is where the giver agrees.
 */
export type Permission = {
    id: string;
    giverId: string;
    providerName: string;
    currency: string;
    maximumAmount: string;
    maximumTotal?: string | undefined;
    usedTotal: string;
    endDate?: string | undefined;
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
    state: string;
    stateReason?: string | undefined;
    permissionUrl: string;
    date: string;
    version: number;
    test: boolean;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Bought like a gift, claimed by a code, and spent on gifts. `ProviderURL` is where it is paid for.
 */
export type GiftCertificate = {
    id: string;
    amount: string;
    currency: string;
    paymentAccountId: string;
    recipientName?: string | undefined;
    message?: string | undefined;
    expiresDate?: string | undefined;
    status: string;
    statusReason?: string | undefined;
    providerName: string;
    providerUrl: string;
    date: string;
    balance: string;
    claimCode?: string | undefined;
    claimUrl?: string | undefined;
    giverId?: string | undefined;
    claimedDate?: string | undefined;
    refundedAmount: string;
    reversedAmount?: string | undefined;
    expiredAmount?: string | undefined;
    contributor?: string | undefined;
    reference?: string | undefined;
    confirmationUrl?: string | undefined;
    cancelUrl?: string | undefined;
    version: number;
    test: boolean;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * An amount every week or month, under a giver's standing permission.
 */
export type Pledge = {
    id: string;
    savingGoalId: string;
    giverId: string;
    permissionId?: string | undefined;
    amount: string;
    currency: string;
    every: string;
    startDate?: string | undefined;
    endDate?: string | undefined;
    timeZone?: string | undefined;
    contributor?: string | undefined;
    message?: string | undefined;
    anonymous: boolean;
    reference?: string | undefined;
    state: string;
    stateReason?: string | undefined;
    nextNumber?: number | undefined;
    nextDate?: string | undefined;
    failedTries?: number | undefined;
    failureReason?: string | undefined;
    giftsMade: number;
    giftsSkipped: number;
    date: string;
    version: number;
    test: boolean;
    pin?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Something that happened, with the contribution or the goal as it was then.
 */
export type Event = {
    id: string;
    type: string;
    date: string;
    contribution?: Contribution | undefined;
    savingGoal?: SavingGoal | undefined;
    permission?: Permission | undefined;
    giftCertificate?: GiftCertificate | undefined;
    pledge?: Pledge | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * One try to send an event to a webhook endpoint.
 */
export type Delivery = {
    number: number;
    date: string;
    url: string;
    seconds: string;
    statusCode?: number | undefined;
    failure?: string | undefined;
    webhookEndpointId?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * How an event's delivery to one endpoint stands.
 */
export type Recipient = {
    webhookEndpointId: string;
    url?: string | undefined;
    state: string;
    nextTry?: string | undefined;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * What became of an event's delivery, and each try, the newest first.
 */
export type Deliveries = {
    state: string;
    nextTry?: string | undefined;
    delivery: Delivery[];
    recipient: Recipient[];
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Where events are sent. The secret is shown when it is made, and never again.
 */
export type WebhookEndpoint = {
    id?: string | undefined;
    url: string;
    eventTypes: string[];
    format: string;
    state: string;
    secret?: string | undefined;
    version: number;
    date: string;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * What the addresses that givers come back to are signed with. It is shown when it is made, and never again.
 */
export type RedirectSecret = {
    secret?: string | undefined;
    version: number;
    date: string;
    /**
     * what If-None-Match and If-Match take; empty where the record came within another
     */
    etag: string;
};
/**
 * Name, element, kind, inner kind, whether it is always there, whether a client may write it.
 */
export type Row = [string, string, string, string, boolean, boolean];
