<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with pledges. */
trait Pledges
{
    /**
     * So much every Week or Month; nextDate says when the first gift is made.
     *
     * @param ?string $pin where the giver has one
     * @throws Conflict where no permission of the giver covers it
     */
    public function createPledge(
        string $goalId,
        string $giverId,
        string|int $amount,
        string $every,
        ?string $permissionId = null,
        ?string $startDate = null,
        ?string $endDate = null,
        ?string $timeZone = null,
        ?string $contributor = null,
        ?string $message = null,
        ?bool $anonymous = null,
        ?string $reference = null,
        #[\SensitiveParameter] ?string $pin = null,
        ?string $idempotencyKey = null,
    ): Pledge {
        $given = self::given(get_defined_vars());
        unset($given['goalId'], $given['idempotencyKey']);
        return $this->post(Pledge::class, ['SavingGoal', $goalId, 'Pledges'], Pledge::document($given), $idempotencyKey);
    }

    public function getPledge(string $pledgeId): Pledge
    {
        return $this->get(Pledge::class, ['Pledge', $pledgeId]);
    }

    /**
     * A goal's, newest first, page by page as you go.
     *
     * @return \Generator<int, Pledge>
     */
    public function listPledges(string $goalId, ?string $state = null, int $limit = 50): \Generator
    {
        return $this->pages(Pledge::class, ['SavingGoal', $goalId, 'Pledges'], self::given(['State' => $state]), $limit);
    }

    /**
     * Across your goals, of one giver or of all.
     *
     * @return \Generator<int, Pledge>
     */
    public function listAllPledges(?string $giverId = null, ?string $state = null, int $limit = 50): \Generator
    {
        $filters = self::given(['GiverId' => $giverId, 'State' => $state]);
        return $this->pages(Pledge::class, ['Pledges'], $filters, $limit);
    }

    /** No gift is begun until it is resumed. */
    public function pausePledge(string $pledgeId, ?string $idempotencyKey = null): Pledge
    {
        return $this->post(Pledge::class, ['Pledge', $pledgeId, 'Pause'], idempotencyKey: $idempotencyKey);
    }

    /** It goes on with the first gift that is due from now on. */
    public function resumePledge(string $pledgeId, ?string $idempotencyKey = null): Pledge
    {
        return $this->post(Pledge::class, ['Pledge', $pledgeId, 'Resume'], idempotencyKey: $idempotencyKey);
    }

    /** End it for good. It can be read all the same. */
    public function endPledge(string $pledgeId, ?string $etag = null): void
    {
        $this->connection->call('DELETE', ['Pledge', $pledgeId], headers: ['If-Match' => $etag]);
    }
}
