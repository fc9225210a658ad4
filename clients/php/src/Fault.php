<?php

declare(strict_types=1);

namespace Whipround;

/** One thing that is wrong with a body: where (`Contribution/Amount`), and a sentence that says what would be right. */
final class Fault
{
    public function __construct(
        public readonly string $path,
        public readonly string $sentence,
        public readonly ?int $line = null,
    ) {
    }
}
