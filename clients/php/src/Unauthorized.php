<?php

declare(strict_types=1);

namespace Whipround;

/** 401: the key is missing, unknown, revoked or expired. */
class Unauthorized extends Problem
{
}
