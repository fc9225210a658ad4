"""The records of the API, element by element, as the client packages know them: `python clients/generate.py` writes them out.

Each line is `Element kind`, and `w` where a client may write it. Kinds: text, decimal, integer, moment, flag, record:X, each
with `?` where the element may be absent; `list:X` (records in a wrapper, `{"X": [...]}`), `inline:X` (without one), `texts:X`,
`decimals:X`, `pairs` (Metadata). What is a list is empty where it is absent, and a flag is false.
"""

import giver_shapes
from elements import record

NAMES = {"RecordVersionNumber": "version"}
"""Elements whose attribute is not simply their name in the language's own spelling."""

RECORDS = (
    record(
        "PaymentProvider",
        "One way in which a goal's gifts can be paid, and to whom: credentials, or the id of a payment account.",
        """
        ProviderName text w
        Credentials text? w
        PaymentAccountId text? w
        """,
    ),
    record(
        "Contribution",
        "One gift to one goal. `ProviderURL` is where the giver pays.",
        """
        Id text
        Amount decimal w
        Date moment
        Contributor text w
        Message text? w
        Status text
        ProviderName text? w
        ProviderURL text
        RecordVersionNumber integer
        Currency text
        RefundedAmount decimal
        StatusReason text?
        SavingGoalId text
        SettledAmount decimal?
        ReversedAmount decimal?
        Reference text? w
        Memo text? w
        Anonymous flag w
        ConfirmationURL text? w
        CancelURL text? w
        Language text? w
        ProviderReference text?
        Fee decimal?
        Net decimal?
        PlatformFee decimal?
        SettledDate moment?
        Metadata pairs w
        Test flag
        GiverId text? w
        MatchOf text?
        PledgeId text?
        UsePermission flag w
        Pin text? w
        """,
    ),
    record(
        "SavingGoal",
        "What somebody saves for. The version is to be named when the goal is changed.",
        """
        Id text
        ExternalItemId text w
        Name text w
        StartingAmount decimal w
        GoalAmount decimal w
        CurrentAmount decimal
        EndDate text? w
        Contributions list:Contribution
        PaymentProviders list:PaymentProvider w
        ConfirmationURL text? w
        CancelURL text? w
        RecordVersionNumber integer
        RecordOwner text
        Currency text w
        CapturePolicy text w
        AuthorizedAmount decimal
        State text?
        AcceptsGifts flag?
        Overfunding text? w
        RemainingAmount decimal?
        MinimumAmount decimal? w
        MaximumAmount decimal? w
        SuggestedAmounts decimals:Amount w
        Description text? w
        ImageURL text? w
        Metadata pairs w
        Test flag
        OfflineAmount decimal?
        MatchedAmount decimal?
        """,
    ),
    record(
        "Refund",
        "Money given back, or on its way back.",
        """
        Id text
        Amount decimal w
        Reason text? w
        Status text
        Date moment
        ContributionId text?
        StatusReason text?
        """,
    ),
    record(
        "Matcher",
        "Somebody who adds so many percent to each gift of a goal, up to a cap.",
        """
        Id text
        Name text w
        Percent integer w
        MaximumTotal decimal w
        MatchedTotal decimal
        Currency text
        SavingGoalId text
        Date moment
        RecordVersionNumber integer
        Test flag
        """,
    ),
    record(
        "Change",
        "One version of a contribution in its history.",
        """
        RecordVersionNumber integer
        Date moment
        FromStatus text?
        Status text
        StatusReason text?
        EventId text?
        """,
    ),
    record(
        "PaymentAccount",
        "A payee kept once and used by many goals.",
        """
        Id text
        ProviderName text w
        Credentials text? w
        MaskedCredentials text?
        State text
        StateReason text?
        OnboardingURL text?
        Date moment
        RecordVersionNumber integer
        Test flag
        """,
    ),
    *giver_shapes.RECORDS,
    record(
        "Event",
        "Something that happened, with the contribution or the goal as it was then.",
        """
        Id text
        Type text
        Date moment
        Contribution record?:Contribution
        SavingGoal record?:SavingGoal
        Permission record?:Permission
        GiftCertificate record?:GiftCertificate
        Pledge record?:Pledge
        """,
    ),
    record(
        "Delivery",
        "One try to send an event to a webhook endpoint.",
        """
        Number integer
        Date moment
        URL text
        Seconds text
        StatusCode integer?
        Failure text?
        WebhookEndpointId text?
        """,
    ),
    record(
        "Recipient",
        "How an event's delivery to one endpoint stands.",
        """
        WebhookEndpointId text
        URL text?
        State text
        NextTry moment?
        """,
    ),
    record(
        "Deliveries",
        "What became of an event's delivery, and each try, the newest first.",
        """
        State text
        NextTry moment?
        Delivery inline:Delivery
        Recipient inline:Recipient
        """,
    ),
    record(
        "WebhookEndpoint",
        "Where events are sent. The secret is shown when it is made, and never again.",
        """
        Id text?
        URL text w
        EventTypes texts:EventType w
        Format text w
        State text
        Secret text?
        RecordVersionNumber integer
        Date moment
        """,
    ),
    record(
        "RedirectSecret",
        "What the addresses that givers come back to are signed with. It is shown when it is made, and never again.",
        """
        Secret text?
        RecordVersionNumber integer
        Date moment
        """,
    ),
)
