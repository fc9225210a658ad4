<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with matchers: who adds so many percent to each gift of a goal. */
trait Matchers
{
    /** Each gift that settles from now on is matched, by 100 percent unless told otherwise, until the total is reached. */
    public function createMatcher(
        string $goalId,
        string $name,
        string|int $maximumTotal,
        ?int $percent = null,
        ?string $idempotencyKey = null,
    ): Matcher {
        $given = self::given(['name' => $name, 'percent' => $percent, 'maximumTotal' => $maximumTotal]);
        return $this->post(Matcher::class, ['SavingGoal', $goalId, 'Matchers'], Matcher::document($given), $idempotencyKey);
    }

    public function getMatcher(string $matcherId): Matcher
    {
        return $this->get(Matcher::class, ['Matcher', $matcherId]);
    }

    /**
     * A goal's, newest first, page by page as you go.
     *
     * @return \Generator<int, Matcher>
     */
    public function listMatchers(string $goalId, int $limit = 50): \Generator
    {
        return $this->pages(Matcher::class, ['SavingGoal', $goalId, 'Matchers'], [], $limit);
    }

    /** No gift is matched any more; what was matched stays. */
    public function deleteMatcher(string $matcherId, ?string $etag = null): void
    {
        $this->connection->call('DELETE', ['Matcher', $matcherId], headers: ['If-Match' => $etag]);
    }
}
