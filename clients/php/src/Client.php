<?php

declare(strict_types=1);

namespace Whipround;

/**
 * Speaks for one partner. Every method may throw Problem, ServiceUnreachable and UnexpectedAnswer.
 *
 * Amounts are decimal texts ("20.00") or whole numbers, never floats.
 */
final class Client
{
    use Goals;
    use Contributions;
    use Givers;
    use Pledges;
    use GiftCertificates;
    use Matchers;
    use PaymentAccounts;
    use Webhooks;

    public const LATEST = 'latest';
    private const LONGEST_PAUSE_SECONDS = 30.0;

    private readonly Connection $connection;

    /**
     * @param string $address where the service is, without /api
     * @param float $answerSeconds how long one try waits for its answer
     * @param float $deadlineSeconds how long a call goes on trying, at most
     * @param bool $strict have the service refuse what it would repair
     * @param ?\Closure(string): void $onNotice is told what the service repaired in what was sent
     */
    public function __construct(
        string $address,
        #[\SensitiveParameter] string $apiKey,
        float $connectSeconds = 3.0,
        float $answerSeconds = 15.0,
        float $deadlineSeconds = 60.0,
        bool $strict = false,
        ?\Closure $onNotice = null,
    ) {
        $this->connection = new Connection(
            $address,
            $apiKey,
            $connectSeconds,
            $answerSeconds,
            $deadlineSeconds,
            $strict,
            $onNotice,
        );
    }

    /** A name for one intent: send it again with the request when its answer got lost. */
    public static function newIdempotencyKey(): string
    {
        return Connection::newIdempotencyKey();
    }

    /**
     * Each event after the one with this Id, oldest first, and then each new one as it happens, without end. Store the id of an
     * event once you have dealt with it; null begins with the first of all, "latest" with the next.
     *
     * With $wait 0 it ends where there is nothing more for now. It goes on through restarts and outages of the service, with
     * pauses of half a minute at most, unless $giveUpAfter says how many seconds of failure are enough.
     *
     * @return \Generator<int, Event>
     */
    public function events(?string $after = null, int $wait = 30, int $limit = 100, ?float $giveUpAfter = null): \Generator
    {
        $failingSince = null;
        $pause = Connection::FIRST_PAUSE_SECONDS;
        while (true) {
            $askedAt = Connection::now();
            try {
                $query = ['limit' => (string) $limit, 'wait' => (string) $wait, 'after' => $after];
                $answer = $this->connection->call('GET', ['Events'], $query, triesAgain: false, moreSeconds: $wait);
                $events = self::listIn($answer, Event::class);
            } catch (ServiceUnreachable | UnexpectedAnswer | Problem $failure) {
                $failingSince ??= $askedAt;
                $passes = !$failure instanceof Problem || $failure->status >= 500 || $failure->status === 429;
                if (!$passes || ($giveUpAfter !== null && Connection::now() - $failingSince + $pause > $giveUpAfter)) {
                    throw $failure;
                }
                Connection::sleep(max($pause, $failure instanceof Problem ? ($failure->retryAfter ?? 0.0) : 0.0));
                $pause = min(2 * $pause, self::LONGEST_PAUSE_SECONDS);
                continue;
            }
            $failingSince = null;
            $pause = Connection::FIRST_PAUSE_SECONDS;
            foreach ($events as $event) {
                yield $event;
                $after = $event->id;
            }
            if ($events !== []) {
                continue;
            }
            if ($after === self::LATEST && isset($answer->document['Next'])) {
                parse_str((string) parse_url($answer->document['Next'], PHP_URL_QUERY), $told);
                $after = $told['after'] ?? $after; // what "latest" stands for
            }
            if ($wait === 0) {
                return;
            }
            // An answer that came at once says when to ask again, and is not asked for in a rush.
            Connection::sleep(max($answer->retryAfter() ?? 0.0, 1.0 - (Connection::now() - $askedAt)));
        }
    }

    /**
     * @template T of Record
     * @param class-string<T> $record
     * @param list<string> $path
     * @return T
     */
    private function get(string $record, array $path): Record
    {
        return self::one($record, $this->connection->call('GET', $path));
    }

    /**
     * @template T of Record
     * @param class-string<T> $record
     * @param list<string> $path
     * @param ?array<string, mixed> $body
     * @return T
     */
    private function post(string $record, array $path, ?array $body = null, ?string $idempotencyKey = null): Record
    {
        return self::one($record, $this->connection->call('POST', $path, body: $body, idempotencyKey: $idempotencyKey));
    }

    /**
     * @template T of Record
     * @param class-string<T> $record
     * @param list<string> $path
     * @param array<string, ?string> $filters
     * @return \Generator<int, T>
     */
    private function pages(string $record, array $path, array $filters, int $limit): \Generator
    {
        $query = $filters + ['limit' => (string) $limit];
        while (true) {
            $answer = $this->connection->call('GET', $path, $query);
            foreach (self::listIn($answer, $record) as $found) {
                yield $found;
            }
            if (!isset($answer->document['Next'])) {
                return;
            }
            // Its arguments only: the key goes nowhere but to the address that it is for.
            parse_str((string) parse_url($answer->document['Next'], PHP_URL_QUERY), $query);
        }
    }

    /**
     * @param list<string> $path
     * @param array<string, mixed> $body
     * @return list<string>
     */
    private function validate(array $path, array $body): array
    {
        $answer = $this->connection->call('POST', $path, ['ValidateOnly' => '1'], $body);
        return $answer->headers['notice'] ?? [];
    }

    /**
     * @template T of Record
     * @param class-string<T> $record
     * @return T
     */
    private static function one(string $record, Answer $answer): Record
    {
        return $record::read($answer->document, $answer->etag());
    }

    /**
     * @template T of Record
     * @param class-string<T> $record
     * @return list<T>
     */
    private static function listIn(Answer $answer, string $record): array
    {
        $found = $answer->document[$record::wireName()] ?? null;
        if (!is_array($found) || !array_is_list($found)) {
            throw new UnexpectedAnswer('the answer holds no list of ' . $record::wireName());
        }
        return array_map(static fn (mixed $one): Record => $record::read($one), $found);
    }

    /**
     * What was given, of a method's arguments.
     *
     * @param array<string, mixed> $arguments
     * @return array<string, mixed>
     */
    private static function given(array $arguments): array
    {
        return array_filter($arguments, static fn (mixed $one): bool => $one !== null);
    }
}
