<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * What the addresses that givers come back to are signed with. It is shown when it is made, and never again.
 */
final class RedirectSecret extends Record
{
    public const ELEMENTS = [
        ['secret', 'Secret', 'text', '', false, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
    ];

    public function __construct(
        public readonly int $version,
        public readonly \DateTimeImmutable $date,
        public readonly ?string $secret = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
