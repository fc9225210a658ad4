// The records of the API. Written by `python clients/generate.py` from clients/shapes.py: change it there.

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
export const RECORDS = {
  PaymentProvider: [
    ["providerName", "ProviderName", "text", "", true, true],
    ["credentials", "Credentials", "text", "", false, true],
    ["paymentAccountId", "PaymentAccountId", "text", "", false, true],
  ],
  Contribution: [
    ["id", "Id", "text", "", true, false],
    ["amount", "Amount", "decimal", "", true, true],
    ["date", "Date", "moment", "", true, false],
    ["contributor", "Contributor", "text", "", true, true],
    ["message", "Message", "text", "", false, true],
    ["status", "Status", "text", "", true, false],
    ["providerName", "ProviderName", "text", "", false, true],
    ["providerUrl", "ProviderURL", "text", "", true, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["currency", "Currency", "text", "", true, false],
    ["refundedAmount", "RefundedAmount", "decimal", "", true, false],
    ["statusReason", "StatusReason", "text", "", false, false],
    ["savingGoalId", "SavingGoalId", "text", "", true, false],
    ["settledAmount", "SettledAmount", "decimal", "", false, false],
    ["reversedAmount", "ReversedAmount", "decimal", "", false, false],
    ["reference", "Reference", "text", "", false, true],
    ["memo", "Memo", "text", "", false, true],
    ["anonymous", "Anonymous", "flag", "", true, true],
    ["confirmationUrl", "ConfirmationURL", "text", "", false, true],
    ["cancelUrl", "CancelURL", "text", "", false, true],
    ["language", "Language", "text", "", false, true],
    ["providerReference", "ProviderReference", "text", "", false, false],
    ["fee", "Fee", "decimal", "", false, false],
    ["net", "Net", "decimal", "", false, false],
    ["platformFee", "PlatformFee", "decimal", "", false, false],
    ["settledDate", "SettledDate", "moment", "", false, false],
    ["metadata", "Metadata", "pairs", "", true, true],
    ["test", "Test", "flag", "", true, false],
    ["giverId", "GiverId", "text", "", false, true],
    ["matchOf", "MatchOf", "text", "", false, false],
    ["pledgeId", "PledgeId", "text", "", false, false],
    ["usePermission", "UsePermission", "flag", "", true, true],
    ["pin", "Pin", "text", "", false, true],
  ],
  SavingGoal: [
    ["id", "Id", "text", "", true, false],
    ["externalItemId", "ExternalItemId", "text", "", true, true],
    ["name", "Name", "text", "", true, true],
    ["startingAmount", "StartingAmount", "decimal", "", true, true],
    ["goalAmount", "GoalAmount", "decimal", "", true, true],
    ["currentAmount", "CurrentAmount", "decimal", "", true, false],
    ["endDate", "EndDate", "text", "", false, true],
    ["contributions", "Contributions", "list", "Contribution", true, false],
    ["paymentProviders", "PaymentProviders", "list", "PaymentProvider", true, true],
    ["confirmationUrl", "ConfirmationURL", "text", "", false, true],
    ["cancelUrl", "CancelURL", "text", "", false, true],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["recordOwner", "RecordOwner", "text", "", true, false],
    ["currency", "Currency", "text", "", true, true],
    ["capturePolicy", "CapturePolicy", "text", "", true, true],
    ["authorizedAmount", "AuthorizedAmount", "decimal", "", true, false],
    ["state", "State", "text", "", false, false],
    ["acceptsGifts", "AcceptsGifts", "flag", "", false, false],
    ["overfunding", "Overfunding", "text", "", false, true],
    ["remainingAmount", "RemainingAmount", "decimal", "", false, false],
    ["minimumAmount", "MinimumAmount", "decimal", "", false, true],
    ["maximumAmount", "MaximumAmount", "decimal", "", false, true],
    ["suggestedAmounts", "SuggestedAmounts", "decimals", "Amount", true, true],
    ["description", "Description", "text", "", false, true],
    ["imageUrl", "ImageURL", "text", "", false, true],
    ["metadata", "Metadata", "pairs", "", true, true],
    ["test", "Test", "flag", "", true, false],
    ["offlineAmount", "OfflineAmount", "decimal", "", false, false],
    ["matchedAmount", "MatchedAmount", "decimal", "", false, false],
  ],
  Refund: [
    ["id", "Id", "text", "", true, false],
    ["amount", "Amount", "decimal", "", true, true],
    ["reason", "Reason", "text", "", false, true],
    ["status", "Status", "text", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["contributionId", "ContributionId", "text", "", false, false],
    ["statusReason", "StatusReason", "text", "", false, false],
  ],
  Matcher: [
    ["id", "Id", "text", "", true, false],
    ["name", "Name", "text", "", true, true],
    ["percent", "Percent", "integer", "", true, true],
    ["maximumTotal", "MaximumTotal", "decimal", "", true, true],
    ["matchedTotal", "MatchedTotal", "decimal", "", true, false],
    ["currency", "Currency", "text", "", true, false],
    ["savingGoalId", "SavingGoalId", "text", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["test", "Test", "flag", "", true, false],
  ],
  Change: [
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["fromStatus", "FromStatus", "text", "", false, false],
    ["status", "Status", "text", "", true, false],
    ["statusReason", "StatusReason", "text", "", false, false],
    ["eventId", "EventId", "text", "", false, false],
  ],
  PaymentAccount: [
    ["id", "Id", "text", "", true, false],
    ["providerName", "ProviderName", "text", "", true, true],
    ["credentials", "Credentials", "text", "", false, true],
    ["maskedCredentials", "MaskedCredentials", "text", "", false, false],
    ["state", "State", "text", "", true, false],
    ["stateReason", "StateReason", "text", "", false, false],
    ["onboardingUrl", "OnboardingURL", "text", "", false, false],
    ["date", "Date", "moment", "", true, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["test", "Test", "flag", "", true, false],
  ],
  Giver: [
    ["id", "Id", "text", "", true, false],
    ["externalId", "ExternalId", "text", "", true, true],
    ["name", "Name", "text", "", false, true],
    ["email", "Email", "text", "", false, true],
    ["pinSet", "PinSet", "flag", "", true, false],
    ["giverUrl", "GiverURL", "text", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["test", "Test", "flag", "", true, false],
  ],
  Permission: [
    ["id", "Id", "text", "", true, false],
    ["giverId", "GiverId", "text", "", true, false],
    ["providerName", "ProviderName", "text", "", true, true],
    ["currency", "Currency", "text", "", true, true],
    ["maximumAmount", "MaximumAmount", "decimal", "", true, true],
    ["maximumTotal", "MaximumTotal", "decimal", "", false, true],
    ["usedTotal", "UsedTotal", "decimal", "", true, false],
    ["endDate", "EndDate", "text", "", false, true],
    ["confirmationUrl", "ConfirmationURL", "text", "", false, true],
    ["cancelUrl", "CancelURL", "text", "", false, true],
    ["state", "State", "text", "", true, false],
    ["stateReason", "StateReason", "text", "", false, false],
    ["permissionUrl", "PermissionURL", "text", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["test", "Test", "flag", "", true, false],
  ],
  GiftCertificate: [
    ["id", "Id", "text", "", true, false],
    ["amount", "Amount", "decimal", "", true, true],
    ["currency", "Currency", "text", "", true, true],
    ["paymentAccountId", "PaymentAccountId", "text", "", true, true],
    ["recipientName", "RecipientName", "text", "", false, true],
    ["message", "Message", "text", "", false, true],
    ["expiresDate", "ExpiresDate", "text", "", false, true],
    ["status", "Status", "text", "", true, false],
    ["statusReason", "StatusReason", "text", "", false, false],
    ["providerName", "ProviderName", "text", "", true, false],
    ["providerUrl", "ProviderURL", "text", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["balance", "Balance", "decimal", "", true, false],
    ["claimCode", "ClaimCode", "text", "", false, false],
    ["claimUrl", "ClaimURL", "text", "", false, false],
    ["giverId", "GiverId", "text", "", false, false],
    ["claimedDate", "ClaimedDate", "moment", "", false, false],
    ["refundedAmount", "RefundedAmount", "decimal", "", true, false],
    ["reversedAmount", "ReversedAmount", "decimal", "", false, false],
    ["expiredAmount", "ExpiredAmount", "decimal", "", false, false],
    ["contributor", "Contributor", "text", "", false, true],
    ["reference", "Reference", "text", "", false, true],
    ["confirmationUrl", "ConfirmationURL", "text", "", false, true],
    ["cancelUrl", "CancelURL", "text", "", false, true],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["test", "Test", "flag", "", true, false],
  ],
  Pledge: [
    ["id", "Id", "text", "", true, false],
    ["savingGoalId", "SavingGoalId", "text", "", true, false],
    ["giverId", "GiverId", "text", "", true, true],
    ["permissionId", "PermissionId", "text", "", false, true],
    ["amount", "Amount", "decimal", "", true, true],
    ["currency", "Currency", "text", "", true, false],
    ["every", "Every", "text", "", true, true],
    ["startDate", "StartDate", "text", "", false, true],
    ["endDate", "EndDate", "text", "", false, true],
    ["timeZone", "TimeZone", "text", "", false, true],
    ["contributor", "Contributor", "text", "", false, true],
    ["message", "Message", "text", "", false, true],
    ["anonymous", "Anonymous", "flag", "", true, true],
    ["reference", "Reference", "text", "", false, true],
    ["state", "State", "text", "", true, false],
    ["stateReason", "StateReason", "text", "", false, false],
    ["nextNumber", "NextNumber", "integer", "", false, false],
    ["nextDate", "NextDate", "moment", "", false, false],
    ["failedTries", "FailedTries", "integer", "", false, false],
    ["failureReason", "FailureReason", "text", "", false, false],
    ["giftsMade", "GiftsMade", "integer", "", true, false],
    ["giftsSkipped", "GiftsSkipped", "integer", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["test", "Test", "flag", "", true, false],
    ["pin", "Pin", "text", "", false, true],
  ],
  Event: [
    ["id", "Id", "text", "", true, false],
    ["type", "Type", "text", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["contribution", "Contribution", "record", "Contribution", false, false],
    ["savingGoal", "SavingGoal", "record", "SavingGoal", false, false],
    ["permission", "Permission", "record", "Permission", false, false],
    ["giftCertificate", "GiftCertificate", "record", "GiftCertificate", false, false],
    ["pledge", "Pledge", "record", "Pledge", false, false],
  ],
  Delivery: [
    ["number", "Number", "integer", "", true, false],
    ["date", "Date", "moment", "", true, false],
    ["url", "URL", "text", "", true, false],
    ["seconds", "Seconds", "text", "", true, false],
    ["statusCode", "StatusCode", "integer", "", false, false],
    ["failure", "Failure", "text", "", false, false],
    ["webhookEndpointId", "WebhookEndpointId", "text", "", false, false],
  ],
  Recipient: [
    ["webhookEndpointId", "WebhookEndpointId", "text", "", true, false],
    ["url", "URL", "text", "", false, false],
    ["state", "State", "text", "", true, false],
    ["nextTry", "NextTry", "moment", "", false, false],
  ],
  Deliveries: [
    ["state", "State", "text", "", true, false],
    ["nextTry", "NextTry", "moment", "", false, false],
    ["delivery", "Delivery", "inline", "Delivery", true, false],
    ["recipient", "Recipient", "inline", "Recipient", true, false],
  ],
  WebhookEndpoint: [
    ["id", "Id", "text", "", false, false],
    ["url", "URL", "text", "", true, true],
    ["eventTypes", "EventTypes", "texts", "EventType", true, true],
    ["format", "Format", "text", "", true, true],
    ["state", "State", "text", "", true, false],
    ["secret", "Secret", "text", "", false, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["date", "Date", "moment", "", true, false],
  ],
  RedirectSecret: [
    ["secret", "Secret", "text", "", false, false],
    ["version", "RecordVersionNumber", "integer", "", true, false],
    ["date", "Date", "moment", "", true, false],
  ],
};
