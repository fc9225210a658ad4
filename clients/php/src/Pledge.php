<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * An amount every week or month, under a giver's standing permission.
 */
final class Pledge extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['savingGoalId', 'SavingGoalId', 'text', '', true, false],
        ['giverId', 'GiverId', 'text', '', true, true],
        ['permissionId', 'PermissionId', 'text', '', false, true],
        ['amount', 'Amount', 'decimal', '', true, true],
        ['currency', 'Currency', 'text', '', true, false],
        ['every', 'Every', 'text', '', true, true],
        ['startDate', 'StartDate', 'text', '', false, true],
        ['endDate', 'EndDate', 'text', '', false, true],
        ['timeZone', 'TimeZone', 'text', '', false, true],
        ['contributor', 'Contributor', 'text', '', false, true],
        ['message', 'Message', 'text', '', false, true],
        ['anonymous', 'Anonymous', 'flag', '', true, true],
        ['reference', 'Reference', 'text', '', false, true],
        ['state', 'State', 'text', '', true, false],
        ['stateReason', 'StateReason', 'text', '', false, false],
        ['nextNumber', 'NextNumber', 'integer', '', false, false],
        ['nextDate', 'NextDate', 'moment', '', false, false],
        ['failedTries', 'FailedTries', 'integer', '', false, false],
        ['failureReason', 'FailureReason', 'text', '', false, false],
        ['giftsMade', 'GiftsMade', 'integer', '', true, false],
        ['giftsSkipped', 'GiftsSkipped', 'integer', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['test', 'Test', 'flag', '', true, false],
        ['pin', 'Pin', 'text', '', false, true],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $savingGoalId,
        public readonly string $giverId,
        public readonly string $amount,
        public readonly string $currency,
        public readonly string $every,
        public readonly string $state,
        public readonly int $giftsMade,
        public readonly int $giftsSkipped,
        public readonly \DateTimeImmutable $date,
        public readonly int $version,
        public readonly ?string $permissionId = null,
        public readonly ?string $startDate = null,
        public readonly ?string $endDate = null,
        public readonly ?string $timeZone = null,
        public readonly ?string $contributor = null,
        public readonly ?string $message = null,
        public readonly bool $anonymous = false,
        public readonly ?string $reference = null,
        public readonly ?string $stateReason = null,
        public readonly ?int $nextNumber = null,
        public readonly ?\DateTimeImmutable $nextDate = null,
        public readonly ?int $failedTries = null,
        public readonly ?string $failureReason = null,
        public readonly bool $test = false,
        public readonly ?string $pin = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
