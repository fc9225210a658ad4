<?php

declare(strict_types=1);

namespace Whipround;

/** 409, 412, 428: the record is not at the version that the change names. */
class VersionConflict extends Conflict
{
    /** The answer to an earlier try got lost: it may be this very change that moved the version on. */
    public bool $afterLostAnswer = false;

    /** The version that the record is at now. */
    public function currentVersion(): ?int
    {
        return isset($this->document['RecordVersionNumber']) ? (int) $this->document['RecordVersionNumber'] : null;
    }

    /**
     * The elements that the change would alter in the record as it is now, where the service tells them; none of them: the
     * record has all of it already.
     *
     * @return list<string>|null
     */
    public function differs(): ?array
    {
        return $this->document['Differs'] ?? null;
    }

    /** The record as it is now, where the service tells it. */
    public function current(): ?Record
    {
        foreach ([SavingGoal::class, Contribution::class, PaymentAccount::class, WebhookEndpoint::class, RedirectSecret::class] as $record) {
            $given = $this->document[$record::wireName()] ?? null;
            if (is_array($given)) {
                return $record::read($given);
            }
        }
        return null;
    }
}
