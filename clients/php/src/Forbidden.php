<?php

declare(strict_types=1);

namespace Whipround;

/** 403: the record is another partner's, or the key may not do this. */
class Forbidden extends Problem
{
}
