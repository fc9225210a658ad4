<?php

declare(strict_types=1);

namespace Whipround;

/** 502: the payment provider said no, and a gift is recorded as Failed. What helps depends on `reason`; `detail` says it. */
class ProviderRefused extends Problem
{
    /** The gift that was recorded. */
    public function contributionId(): ?string
    {
        return $this->document['Id'] ?? null;
    }

    /** The provider's reason, a short code such as `payee_cannot_receive`. */
    public function reason(): ?string
    {
        return $this->document['StatusReason'] ?? $this->document['StateReason'] ?? null;
    }
}
