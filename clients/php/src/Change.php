<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * One version of a contribution in its history.
 */
final class Change extends Record
{
    public const ELEMENTS = [
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['fromStatus', 'FromStatus', 'text', '', false, false],
        ['status', 'Status', 'text', '', true, false],
        ['statusReason', 'StatusReason', 'text', '', false, false],
        ['eventId', 'EventId', 'text', '', false, false],
    ];

    public function __construct(
        public readonly int $version,
        public readonly \DateTimeImmutable $date,
        public readonly string $status,
        public readonly ?string $fromStatus = null,
        public readonly ?string $statusReason = null,
        public readonly ?string $eventId = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
