<?php

declare(strict_types=1);

namespace Whipround;

/** A webhook or a bounce is not genuine, or is too old; the message says which. Do not believe what it says. */
class VerificationFailed extends WhiproundError
{
}
