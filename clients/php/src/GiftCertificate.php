<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * Bought like a gift, claimed by a code, and spent on gifts. `ProviderURL` is where it is paid for.
 */
final class GiftCertificate extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['amount', 'Amount', 'decimal', '', true, true],
        ['currency', 'Currency', 'text', '', true, true],
        ['paymentAccountId', 'PaymentAccountId', 'text', '', true, true],
        ['recipientName', 'RecipientName', 'text', '', false, true],
        ['message', 'Message', 'text', '', false, true],
        ['expiresDate', 'ExpiresDate', 'text', '', false, true],
        ['status', 'Status', 'text', '', true, false],
        ['statusReason', 'StatusReason', 'text', '', false, false],
        ['providerName', 'ProviderName', 'text', '', true, false],
        ['providerUrl', 'ProviderURL', 'text', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['balance', 'Balance', 'decimal', '', true, false],
        ['claimCode', 'ClaimCode', 'text', '', false, false],
        ['claimUrl', 'ClaimURL', 'text', '', false, false],
        ['giverId', 'GiverId', 'text', '', false, false],
        ['claimedDate', 'ClaimedDate', 'moment', '', false, false],
        ['refundedAmount', 'RefundedAmount', 'decimal', '', true, false],
        ['reversedAmount', 'ReversedAmount', 'decimal', '', false, false],
        ['expiredAmount', 'ExpiredAmount', 'decimal', '', false, false],
        ['contributor', 'Contributor', 'text', '', false, true],
        ['reference', 'Reference', 'text', '', false, true],
        ['confirmationUrl', 'ConfirmationURL', 'text', '', false, true],
        ['cancelUrl', 'CancelURL', 'text', '', false, true],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['test', 'Test', 'flag', '', true, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $amount,
        public readonly string $currency,
        public readonly string $paymentAccountId,
        public readonly string $status,
        public readonly string $providerName,
        public readonly string $providerUrl,
        public readonly \DateTimeImmutable $date,
        public readonly string $balance,
        public readonly string $refundedAmount,
        public readonly int $version,
        public readonly ?string $recipientName = null,
        public readonly ?string $message = null,
        public readonly ?string $expiresDate = null,
        public readonly ?string $statusReason = null,
        public readonly ?string $claimCode = null,
        public readonly ?string $claimUrl = null,
        public readonly ?string $giverId = null,
        public readonly ?\DateTimeImmutable $claimedDate = null,
        public readonly ?string $reversedAmount = null,
        public readonly ?string $expiredAmount = null,
        public readonly ?string $contributor = null,
        public readonly ?string $reference = null,
        public readonly ?string $confirmationUrl = null,
        public readonly ?string $cancelUrl = null,
        public readonly bool $test = false,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
