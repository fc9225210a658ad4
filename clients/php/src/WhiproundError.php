<?php

declare(strict_types=1);

namespace Whipround;

/** Everything that this package throws on purpose. */
class WhiproundError extends \RuntimeException
{
}
