<?php

declare(strict_types=1);

namespace Whipround;

/** No answer within the time allowed. What was sent may have been done all the same. */
class ServiceUnreachable extends WhiproundError
{
    /** What a POST was sent under: send the same again with it, now or tomorrow, and it is done once. */
    public ?string $idempotencyKey = null;
}
