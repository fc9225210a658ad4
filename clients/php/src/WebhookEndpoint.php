<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * Where events are sent. The secret is shown when it is made, and never again.
 */
final class WebhookEndpoint extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', false, false],
        ['url', 'URL', 'text', '', true, true],
        ['eventTypes', 'EventTypes', 'texts', 'EventType', true, true],
        ['format', 'Format', 'text', '', true, true],
        ['state', 'State', 'text', '', true, false],
        ['secret', 'Secret', 'text', '', false, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
    ];

    public function __construct(
        public readonly string $url,
        public readonly string $format,
        public readonly string $state,
        public readonly int $version,
        public readonly \DateTimeImmutable $date,
        public readonly ?string $id = null,
        /** @var list<string> */
        public readonly array $eventTypes = [],
        public readonly ?string $secret = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
