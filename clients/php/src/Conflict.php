<?php

declare(strict_types=1);

namespace Whipround;

/** 409: not as things stand; the code says why. */
class Conflict extends Problem
{
}
