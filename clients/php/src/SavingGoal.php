<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * What somebody saves for. The version is to be named when the goal is changed.
 */
final class SavingGoal extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['externalItemId', 'ExternalItemId', 'text', '', true, true],
        ['name', 'Name', 'text', '', true, true],
        ['startingAmount', 'StartingAmount', 'decimal', '', true, true],
        ['goalAmount', 'GoalAmount', 'decimal', '', true, true],
        ['currentAmount', 'CurrentAmount', 'decimal', '', true, false],
        ['endDate', 'EndDate', 'text', '', false, true],
        ['contributions', 'Contributions', 'list', 'Contribution', true, false],
        ['paymentProviders', 'PaymentProviders', 'list', 'PaymentProvider', true, true],
        ['confirmationUrl', 'ConfirmationURL', 'text', '', false, true],
        ['cancelUrl', 'CancelURL', 'text', '', false, true],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['recordOwner', 'RecordOwner', 'text', '', true, false],
        ['currency', 'Currency', 'text', '', true, true],
        ['capturePolicy', 'CapturePolicy', 'text', '', true, true],
        ['authorizedAmount', 'AuthorizedAmount', 'decimal', '', true, false],
        ['state', 'State', 'text', '', false, false],
        ['acceptsGifts', 'AcceptsGifts', 'flag', '', false, false],
        ['overfunding', 'Overfunding', 'text', '', false, true],
        ['remainingAmount', 'RemainingAmount', 'decimal', '', false, false],
        ['minimumAmount', 'MinimumAmount', 'decimal', '', false, true],
        ['maximumAmount', 'MaximumAmount', 'decimal', '', false, true],
        ['suggestedAmounts', 'SuggestedAmounts', 'decimals', 'Amount', true, true],
        ['description', 'Description', 'text', '', false, true],
        ['imageUrl', 'ImageURL', 'text', '', false, true],
        ['metadata', 'Metadata', 'pairs', '', true, true],
        ['test', 'Test', 'flag', '', true, false],
        ['offlineAmount', 'OfflineAmount', 'decimal', '', false, false],
        ['matchedAmount', 'MatchedAmount', 'decimal', '', false, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $externalItemId,
        public readonly string $name,
        public readonly string $startingAmount,
        public readonly string $goalAmount,
        public readonly string $currentAmount,
        public readonly int $version,
        public readonly string $recordOwner,
        public readonly string $currency,
        public readonly string $capturePolicy,
        public readonly string $authorizedAmount,
        public readonly ?string $endDate = null,
        /** @var list<Contribution> */
        public readonly array $contributions = [],
        /** @var list<PaymentProvider> */
        public readonly array $paymentProviders = [],
        public readonly ?string $confirmationUrl = null,
        public readonly ?string $cancelUrl = null,
        public readonly ?string $state = null,
        public readonly ?bool $acceptsGifts = null,
        public readonly ?string $overfunding = null,
        public readonly ?string $remainingAmount = null,
        public readonly ?string $minimumAmount = null,
        public readonly ?string $maximumAmount = null,
        /** @var list<string> */
        public readonly array $suggestedAmounts = [],
        public readonly ?string $description = null,
        public readonly ?string $imageUrl = null,
        /** @var array<string, string> */
        public readonly array $metadata = [],
        public readonly bool $test = false,
        public readonly ?string $offlineAmount = null,
        public readonly ?string $matchedAmount = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
