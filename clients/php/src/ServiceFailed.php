<?php

declare(strict_types=1);

namespace Whipround;

/** 500, 503: the service could not, or its provider was silent. The same can be tried again later. */
class ServiceFailed extends Problem
{
}
