<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * Money given back, or on its way back.
 */
final class Refund extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['amount', 'Amount', 'decimal', '', true, true],
        ['reason', 'Reason', 'text', '', false, true],
        ['status', 'Status', 'text', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['contributionId', 'ContributionId', 'text', '', false, false],
        ['statusReason', 'StatusReason', 'text', '', false, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $amount,
        public readonly string $status,
        public readonly \DateTimeImmutable $date,
        public readonly ?string $reason = null,
        public readonly ?string $contributionId = null,
        public readonly ?string $statusReason = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
