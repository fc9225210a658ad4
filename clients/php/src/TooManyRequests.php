<?php

declare(strict_types=1);

namespace Whipround;

/** 429: the same request after retryAfter seconds. */
class TooManyRequests extends Problem
{
}
