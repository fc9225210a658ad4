<?php

declare(strict_types=1);

namespace Whipround;

/** 404: there never was such a record, or it is deleted. */
class NotFound extends Problem
{
}
