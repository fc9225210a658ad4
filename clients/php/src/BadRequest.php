<?php

declare(strict_types=1);

namespace Whipround;

/** 400, 405, 406, 413, 414, 415, 422, 431: the request has to be mended. */
class BadRequest extends Problem
{
}
