<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * How an event's delivery to one endpoint stands.
 */
final class Recipient extends Record
{
    public const ELEMENTS = [
        ['webhookEndpointId', 'WebhookEndpointId', 'text', '', true, false],
        ['url', 'URL', 'text', '', false, false],
        ['state', 'State', 'text', '', true, false],
        ['nextTry', 'NextTry', 'moment', '', false, false],
    ];

    public function __construct(
        public readonly string $webhookEndpointId,
        public readonly string $state,
        public readonly ?string $url = null,
        public readonly ?\DateTimeImmutable $nextTry = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
