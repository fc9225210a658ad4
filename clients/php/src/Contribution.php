<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * One gift to one goal. `ProviderURL` is where the giver pays.
 */
final class Contribution extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['amount', 'Amount', 'decimal', '', true, true],
        ['date', 'Date', 'moment', '', true, false],
        ['contributor', 'Contributor', 'text', '', true, true],
        ['message', 'Message', 'text', '', false, true],
        ['status', 'Status', 'text', '', true, false],
        ['providerName', 'ProviderName', 'text', '', false, true],
        ['providerUrl', 'ProviderURL', 'text', '', true, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['currency', 'Currency', 'text', '', true, false],
        ['refundedAmount', 'RefundedAmount', 'decimal', '', true, false],
        ['statusReason', 'StatusReason', 'text', '', false, false],
        ['savingGoalId', 'SavingGoalId', 'text', '', true, false],
        ['settledAmount', 'SettledAmount', 'decimal', '', false, false],
        ['reversedAmount', 'ReversedAmount', 'decimal', '', false, false],
        ['reference', 'Reference', 'text', '', false, true],
        ['memo', 'Memo', 'text', '', false, true],
        ['anonymous', 'Anonymous', 'flag', '', true, true],
        ['confirmationUrl', 'ConfirmationURL', 'text', '', false, true],
        ['cancelUrl', 'CancelURL', 'text', '', false, true],
        ['language', 'Language', 'text', '', false, true],
        ['providerReference', 'ProviderReference', 'text', '', false, false],
        ['fee', 'Fee', 'decimal', '', false, false],
        ['net', 'Net', 'decimal', '', false, false],
        ['platformFee', 'PlatformFee', 'decimal', '', false, false],
        ['settledDate', 'SettledDate', 'moment', '', false, false],
        ['metadata', 'Metadata', 'pairs', '', true, true],
        ['test', 'Test', 'flag', '', true, false],
        ['giverId', 'GiverId', 'text', '', false, true],
        ['matchOf', 'MatchOf', 'text', '', false, false],
        ['pledgeId', 'PledgeId', 'text', '', false, false],
        ['usePermission', 'UsePermission', 'flag', '', true, true],
        ['pin', 'Pin', 'text', '', false, true],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $amount,
        public readonly \DateTimeImmutable $date,
        public readonly string $contributor,
        public readonly string $status,
        public readonly string $providerUrl,
        public readonly int $version,
        public readonly string $currency,
        public readonly string $refundedAmount,
        public readonly string $savingGoalId,
        public readonly ?string $message = null,
        public readonly ?string $providerName = null,
        public readonly ?string $statusReason = null,
        public readonly ?string $settledAmount = null,
        public readonly ?string $reversedAmount = null,
        public readonly ?string $reference = null,
        public readonly ?string $memo = null,
        public readonly bool $anonymous = false,
        public readonly ?string $confirmationUrl = null,
        public readonly ?string $cancelUrl = null,
        public readonly ?string $language = null,
        public readonly ?string $providerReference = null,
        public readonly ?string $fee = null,
        public readonly ?string $net = null,
        public readonly ?string $platformFee = null,
        public readonly ?\DateTimeImmutable $settledDate = null,
        /** @var array<string, string> */
        public readonly array $metadata = [],
        public readonly bool $test = false,
        public readonly ?string $giverId = null,
        public readonly ?string $matchOf = null,
        public readonly ?string $pledgeId = null,
        public readonly bool $usePermission = false,
        public readonly ?string $pin = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
