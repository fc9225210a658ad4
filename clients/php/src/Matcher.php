<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * Somebody who adds so many percent to each gift of a goal, up to a cap.
 */
final class Matcher extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['name', 'Name', 'text', '', true, true],
        ['percent', 'Percent', 'integer', '', true, true],
        ['maximumTotal', 'MaximumTotal', 'decimal', '', true, true],
        ['matchedTotal', 'MatchedTotal', 'decimal', '', true, false],
        ['currency', 'Currency', 'text', '', true, false],
        ['savingGoalId', 'SavingGoalId', 'text', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['test', 'Test', 'flag', '', true, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly int $percent,
        public readonly string $maximumTotal,
        public readonly string $matchedTotal,
        public readonly string $currency,
        public readonly string $savingGoalId,
        public readonly \DateTimeImmutable $date,
        public readonly int $version,
        public readonly bool $test = false,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
