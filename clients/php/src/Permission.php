<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * What a giver has agreed to, once and for all. `PermissionURL` is where the giver agrees.
 */
final class Permission extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['giverId', 'GiverId', 'text', '', true, false],
        ['providerName', 'ProviderName', 'text', '', true, true],
        ['currency', 'Currency', 'text', '', true, true],
        ['maximumAmount', 'MaximumAmount', 'decimal', '', true, true],
        ['maximumTotal', 'MaximumTotal', 'decimal', '', false, true],
        ['usedTotal', 'UsedTotal', 'decimal', '', true, false],
        ['endDate', 'EndDate', 'text', '', false, true],
        ['confirmationUrl', 'ConfirmationURL', 'text', '', false, true],
        ['cancelUrl', 'CancelURL', 'text', '', false, true],
        ['state', 'State', 'text', '', true, false],
        ['stateReason', 'StateReason', 'text', '', false, false],
        ['permissionUrl', 'PermissionURL', 'text', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['test', 'Test', 'flag', '', true, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $giverId,
        public readonly string $providerName,
        public readonly string $currency,
        public readonly string $maximumAmount,
        public readonly string $usedTotal,
        public readonly string $state,
        public readonly string $permissionUrl,
        public readonly \DateTimeImmutable $date,
        public readonly int $version,
        public readonly ?string $maximumTotal = null,
        public readonly ?string $endDate = null,
        public readonly ?string $confirmationUrl = null,
        public readonly ?string $cancelUrl = null,
        public readonly ?string $stateReason = null,
        public readonly bool $test = false,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
