<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * Somebody who gives, known again by your own id. The e-mail address comes back masked.
 */
final class Giver extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['externalId', 'ExternalId', 'text', '', true, true],
        ['name', 'Name', 'text', '', false, true],
        ['email', 'Email', 'text', '', false, true],
        ['pinSet', 'PinSet', 'flag', '', true, false],
        ['giverUrl', 'GiverURL', 'text', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['test', 'Test', 'flag', '', true, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $externalId,
        public readonly string $giverUrl,
        public readonly \DateTimeImmutable $date,
        public readonly int $version,
        public readonly ?string $name = null,
        public readonly ?string $email = null,
        public readonly bool $pinSet = false,
        public readonly bool $test = false,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
