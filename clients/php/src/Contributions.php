<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with gifts. */
trait Contributions
{
    /**
     * A new gift: send the giver's browser to its providerUrl next.
     *
     * With $usePermission (and $pin where the giver has one) it is paid at once where a permission covers it. It is Submitted where
     * none does, and $onNotice is told why.
     *
     * @param ?array<string, string> $metadata
     * @param ?string $idempotencyKey a name of yours for this one intent: the same call with it, however often, makes one gift
     */
    public function createContribution(
        string $goalId,
        string|int $amount,
        string $contributor,
        ?string $message = null,
        ?string $providerName = null,
        ?string $reference = null,
        ?string $memo = null,
        ?bool $anonymous = null,
        ?string $confirmationUrl = null,
        ?string $cancelUrl = null,
        ?string $language = null,
        ?array $metadata = null,
        ?string $giverId = null,
        ?bool $usePermission = null,
        #[\SensitiveParameter] ?string $pin = null,
        ?string $idempotencyKey = null,
    ): Contribution {
        $given = self::given(get_defined_vars());
        unset($given['goalId'], $given['idempotencyKey']);
        $path = ['SavingGoal', $goalId, 'Contributions'];
        return $this->post(Contribution::class, $path, Contribution::document($given), $idempotencyKey);
    }

    /** The gift as it stands now. */
    public function getContribution(string $contributionId): Contribution
    {
        return $this->get(Contribution::class, ['Contribution', $contributionId]);
    }

    /** The gift as soon as it is not as $known has it; null where nothing has changed after so many seconds. */
    public function waitForContribution(Contribution $known, float $seconds = 30.0): ?Contribution
    {
        $until = Connection::now() + $seconds;
        while (true) {
            $hold = (int) max(0, min(30, round($until - Connection::now())));
            $answer = $this->connection->call(
                'GET',
                ['Contribution', $known->id],
                ['wait' => $hold > 0 ? (string) $hold : null],
                headers: ['If-None-Match' => $known->etag === '' ? null : $known->etag],
                moreSeconds: $hold,
            );
            if ($answer->status !== 304) {
                return self::one(Contribution::class, $answer);
            }
            $left = $until - Connection::now();
            if ($left < 0.5) {
                return null;
            }
            // No room to hold the answer: it came at once, and says when to ask again.
            Connection::sleep(min($left, $hold > 0 ? ($answer->retryAfter() ?? 0.0) : 1.0));
        }
    }

    /**
     * A goal's gifts, newest first, page by page as you go.
     *
     * @return \Generator<int, Contribution>
     */
    public function listContributions(string $goalId, ?string $status = null, int $limit = 50): \Generator
    {
        return $this->pages(Contribution::class, ['SavingGoal', $goalId, 'Contributions'], ['Status' => $status], $limit);
    }

    /**
     * Across your goals.
     *
     * @param array<string, string> $filters by their names on the wire: Status, Reference, ExternalItemId, ProviderName, From ...
     * @return \Generator<int, Contribution>
     */
    public function listAllContributions(array $filters = [], int $limit = 50): \Generator
    {
        return $this->pages(Contribution::class, ['Contributions'], $filters, $limit);
    }

    /** Cancel what is Submitted, let go what is Authorized. */
    public function deleteContribution(string $contributionId, ?string $etag = null): void
    {
        $this->connection->call('DELETE', ['Contribution', $contributionId], headers: ['If-Match' => $etag]);
    }

    /** Take what is held. Look at the status afterwards: where the provider is silent it is still Authorized. */
    public function capture(string $contributionId, ?string $idempotencyKey = null): Contribution
    {
        return $this->post(Contribution::class, ['Contribution', $contributionId, 'Capture'], null, $idempotencyKey);
    }

    /** Have the provider asked now; at most once in ten seconds. */
    public function check(string $contributionId): Contribution
    {
        return $this->post(Contribution::class, ['Contribution', $contributionId, 'Check']);
    }

    /** Give back so much, or all that is left. Keep the idempotency key with your own record of the refund. */
    public function refund(
        string $contributionId,
        string|int|null $amount = null,
        ?string $reason = null,
        ?string $idempotencyKey = null,
    ): Refund {
        $body = Refund::document(self::given(['amount' => $amount, 'reason' => $reason]));
        return $this->post(Refund::class, ['Contribution', $contributionId, 'Refunds'], $body, $idempotencyKey);
    }

    /**
     * A gift's refunds, newest first.
     *
     * @return \Generator<int, Refund>
     */
    public function listRefunds(string $contributionId, int $limit = 50): \Generator
    {
        return $this->pages(Refund::class, ['Contribution', $contributionId, 'Refunds'], [], $limit);
    }

    /**
     * Across your goals.
     *
     * @param array<string, string> $filters
     * @return \Generator<int, Refund>
     */
    public function listAllRefunds(array $filters = [], int $limit = 50): \Generator
    {
        return $this->pages(Refund::class, ['Refunds'], $filters, $limit);
    }

    /**
     * Each version of a gift: when, what status, why.
     *
     * @return list<Change>
     */
    public function getHistory(string $contributionId): array
    {
        return self::listIn($this->connection->call('GET', ['Contribution', $contributionId, 'History']), Change::class);
    }

    /**
     * What createContribution would say: the notices. Nothing is stored.
     *
     * @param array<string, mixed> $elements createContribution's arguments by name
     * @return list<string>
     */
    public function validateContribution(string $goalId, array $elements): array
    {
        return $this->validate(['SavingGoal', $goalId, 'Contributions'], Contribution::document($elements));
    }
}
