<?php

declare(strict_types=1);

namespace Whipround;

/** A giver who came back: the contribution's Id, its status, and when the service sent them (Unix seconds). */
final class Bounce
{
    public function __construct(
        public readonly string $contributionId,
        public readonly string $status,
        public readonly int $time,
    ) {
    }
}
