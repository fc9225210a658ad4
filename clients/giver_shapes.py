"""The records round a giver: a part of the table in clients/shapes.py, which says how it is read."""

from elements import record

RECORDS = (
    record(
        "Giver",
        "Somebody who gives, known again by your own id. The e-mail address comes back masked.",
        """
        Id text
        ExternalId text w
        Name text? w
        Email text? w
        PinSet flag
        GiverURL text
        Date moment
        RecordVersionNumber integer
        Test flag
        """,
    ),
    record(
        "Permission",
        "What a giver has agreed to, once and for all. `PermissionURL` is where the giver agrees.",
        """
        Id text
        GiverId text
        ProviderName text w
        Currency text w
        MaximumAmount decimal w
        MaximumTotal decimal? w
        UsedTotal decimal
        EndDate text? w
        ConfirmationURL text? w
        CancelURL text? w
        State text
        StateReason text?
        PermissionURL text
        Date moment
        RecordVersionNumber integer
        Test flag
        """,
    ),
    record(
        "GiftCertificate",
        "Bought like a gift, claimed by a code, and spent on gifts. `ProviderURL` is where it is paid for.",
        """
        Id text
        Amount decimal w
        Currency text w
        PaymentAccountId text w
        RecipientName text? w
        Message text? w
        ExpiresDate text? w
        Status text
        StatusReason text?
        ProviderName text
        ProviderURL text
        Date moment
        Balance decimal
        ClaimCode text?
        ClaimURL text?
        GiverId text?
        ClaimedDate moment?
        RefundedAmount decimal
        ReversedAmount decimal?
        ExpiredAmount decimal?
        Contributor text? w
        Reference text? w
        ConfirmationURL text? w
        CancelURL text? w
        RecordVersionNumber integer
        Test flag
        """,
    ),
    record(
        "Pledge",
        "An amount every week or month, under a giver's standing permission.",
        """
        Id text
        SavingGoalId text
        GiverId text w
        PermissionId text? w
        Amount decimal w
        Currency text
        Every text w
        StartDate text? w
        EndDate text? w
        TimeZone text? w
        Contributor text? w
        Message text? w
        Anonymous flag w
        Reference text? w
        State text
        StateReason text?
        NextNumber integer?
        NextDate moment?
        FailedTries integer?
        FailureReason text?
        GiftsMade integer
        GiftsSkipped integer
        Date moment
        RecordVersionNumber integer
        Test flag
        Pin text? w
        """,
    ),
)
