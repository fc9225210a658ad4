<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * What became of an event's delivery, and each try, the newest first.
 */
final class Deliveries extends Record
{
    public const ELEMENTS = [
        ['state', 'State', 'text', '', true, false],
        ['nextTry', 'NextTry', 'moment', '', false, false],
        ['delivery', 'Delivery', 'inline', 'Delivery', true, false],
        ['recipient', 'Recipient', 'inline', 'Recipient', true, false],
    ];

    public function __construct(
        public readonly string $state,
        public readonly ?\DateTimeImmutable $nextTry = null,
        /** @var list<Delivery> */
        public readonly array $delivery = [],
        /** @var list<Recipient> */
        public readonly array $recipient = [],
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
