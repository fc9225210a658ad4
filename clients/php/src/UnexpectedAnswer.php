<?php

declare(strict_types=1);

namespace Whipround;

/** An answer that Whipround does not give: a proxy's page, or another service at this address. */
class UnexpectedAnswer extends WhiproundError
{
}
