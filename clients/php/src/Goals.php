<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with goals. */
trait Goals
{
    /**
     * A new goal. The two URLs are where givers go afterwards, with ?Id= added.
     *
     * @param list<PaymentProvider> $paymentProviders
     * @param ?list<string|int> $suggestedAmounts
     * @param ?array<string, string> $metadata
     */
    public function createGoal(
        string $externalItemId,
        string $name,
        string|int $goalAmount,
        array $paymentProviders,
        string|int|null $startingAmount = null,
        ?string $currency = null,
        ?string $endDate = null,
        ?string $capturePolicy = null,
        ?string $confirmationUrl = null,
        ?string $cancelUrl = null,
        ?string $overfunding = null,
        string|int|null $minimumAmount = null,
        string|int|null $maximumAmount = null,
        ?array $suggestedAmounts = null,
        ?string $description = null,
        ?string $imageUrl = null,
        ?array $metadata = null,
        ?string $idempotencyKey = null,
    ): SavingGoal {
        $given = self::given(get_defined_vars());
        unset($given['idempotencyKey']);
        return $this->post(SavingGoal::class, ['savings'], SavingGoal::document($given), $idempotencyKey);
    }

    /** The goal as it stands now, with the newest 50 of its contributions. */
    public function getGoal(string $goalId): SavingGoal
    {
        return $this->get(SavingGoal::class, ['SavingGoal', $goalId]);
    }

    /** Null where nothing in it has changed, its contributions included. */
    public function getGoalIfChanged(SavingGoal $known): ?SavingGoal
    {
        $answer = $this->connection->call('GET', ['SavingGoal', $known->id], headers: ['If-None-Match' => $known->etag]);
        return $answer->status === 304 ? null : self::one(SavingGoal::class, $answer);
    }

    /**
     * Your goals, newest first, page by page as you go.
     *
     * @return \Generator<int, SavingGoal>
     */
    public function listGoals(
        ?string $externalItemId = null,
        ?string $goalId = null,
        ?string $state = null,
        int $limit = 50,
    ): \Generator {
        $filters = ['ExternalItemId' => $externalItemId, 'Id' => $goalId, 'State' => $state];
        return $this->pages(SavingGoal::class, ['savings'], $filters, $limit);
    }

    /**
     * Make the goal what it is here: `$client->replaceGoal($goal->with(name: '...'))`. This is PUT.
     *
     * @throws VersionConflict where it has changed since it was read
     */
    public function replaceGoal(SavingGoal $goal): SavingGoal
    {
        $body = ['RecordVersionNumber' => $goal->version] + $goal->written();
        return self::one(SavingGoal::class, $this->connection->call('PUT', ['SavingGoal', $goal->id], body: $body));
    }

    /**
     * Change what is named; null takes an element away. This is PATCH.
     *
     * @param array<string, mixed> $changes such as ['name' => '...']
     * @throws VersionConflict where the goal is not at this version
     */
    public function updateGoal(string $goalId, int $version, array $changes): SavingGoal
    {
        $body = ['RecordVersionNumber' => $version] + SavingGoal::document($changes);
        return self::one(SavingGoal::class, $this->connection->call('PATCH', ['SavingGoal', $goalId], body: $body));
    }

    /** Cancel its open gifts and let go what it holds; what is settled stays. With an etag only where nothing has changed. */
    public function deleteGoal(string $goalId, ?string $etag = null): void
    {
        $this->connection->call('DELETE', ['SavingGoal', $goalId], headers: ['If-Match' => $etag]);
    }

    /** No new gifts; checkouts that are open go on. */
    public function closeGoal(string $goalId, ?string $idempotencyKey = null): SavingGoal
    {
        return $this->post(SavingGoal::class, ['SavingGoal', $goalId, 'Close'], null, $idempotencyKey);
    }

    /** Gifts again. */
    public function reopenGoal(string $goalId, ?string $idempotencyKey = null): SavingGoal
    {
        return $this->post(SavingGoal::class, ['SavingGoal', $goalId, 'Reopen'], null, $idempotencyKey);
    }

    /**
     * What createGoal would say: the notices. Nothing is stored.
     *
     * @param array<string, mixed> $elements createGoal's arguments by name
     * @return list<string>
     */
    public function validateGoal(array $elements): array
    {
        return $this->validate(['savings'], SavingGoal::document($elements));
    }
}
