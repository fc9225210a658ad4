<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * One try to send an event to a webhook endpoint.
 */
final class Delivery extends Record
{
    public const ELEMENTS = [
        ['number', 'Number', 'integer', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['url', 'URL', 'text', '', true, false],
        ['seconds', 'Seconds', 'text', '', true, false],
        ['statusCode', 'StatusCode', 'integer', '', false, false],
        ['failure', 'Failure', 'text', '', false, false],
        ['webhookEndpointId', 'WebhookEndpointId', 'text', '', false, false],
    ];

    public function __construct(
        public readonly int $number,
        public readonly \DateTimeImmutable $date,
        public readonly string $url,
        public readonly string $seconds,
        public readonly ?int $statusCode = null,
        public readonly ?string $failure = null,
        public readonly ?string $webhookEndpointId = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
