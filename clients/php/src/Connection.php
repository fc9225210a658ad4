<?php

declare(strict_types=1);

namespace Whipround;

/**
 * Requests and their answers: the key, time-outs, and what is tried again.
 *
 * Tried again, until $deadlineSeconds are over: what got no answer, 503, 504 and 429 (after as long as Retry-After says), a 502
 * that no provider's refusal explains, and a 409 that says that the first try is still running. A POST goes out under an
 * Idempotency-Key, the same for each try, so that none of it is ever done twice.
 */
final class Connection
{
    public const FIRST_PAUSE_SECONDS = 0.25;
    private const LONGEST_PAUSE_SECONDS = 8.0;
    private const VERSION = '0.1.0';

    public readonly string $address;
    private ?\CurlHandle $curl = null;

    /** @param ?\Closure(string): void $onNotice */
    public function __construct(
        string $address,
        #[\SensitiveParameter] private readonly string $apiKey,
        private readonly float $connectSeconds = 3.0,
        private readonly float $answerSeconds = 15.0,
        private readonly float $deadlineSeconds = 60.0,
        private readonly bool $strict = false,
        public ?\Closure $onNotice = null,
    ) {
        if (preg_match('~^https?://~', $address) !== 1) {
            throw new \InvalidArgumentException("{$address} is no address: it begins with https://, or http:// on a machine of your own");
        }
        $this->address = rtrim($address, '/');
    }

    /**
     * One request, tried again as the class says.
     *
     * @param list<string> $path
     * @param array<string, ?string> $query
     * @param ?array<string, mixed> $body becomes JSON
     * @param array<string, ?string> $headers
     * @param float $moreSeconds how long the service was asked to hold its answer
     * @throws Problem
     * @throws ServiceUnreachable
     * @throws UnexpectedAnswer
     */
    public function call(
        string $verb,
        array $path,
        array $query = [],
        ?array $body = null,
        array $headers = [],
        ?string $idempotencyKey = null,
        bool $triesAgain = true,
        float $moreSeconds = 0.0,
    ): Answer {
        $key = $verb === 'POST' ? ($idempotencyKey ?? self::newIdempotencyKey()) : null;
        $until = self::now() + $this->deadlineSeconds + $moreSeconds;
        $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
        $text = $body === null ? null : json_encode($body ?: new \stdClass(), $flags);
        $lost = false;
        for ($pause = self::FIRST_PAUSE_SECONDS;; $pause = min(2 * $pause, self::LONGEST_PAUSE_SECONDS)) {
            try {
                $seconds = min($this->answerSeconds + $moreSeconds, max(0.1, $until - self::now()));
                return $this->once($verb, $this->url($path, $query), $headers, $text, $key, $seconds);
            } catch (ServiceUnreachable $failure) {
                $failure->idempotencyKey = $key;
                $lost = true;
                $wanted = 0.0;
            } catch (Problem $failure) {
                if ($failure instanceof NotFound && $verb === 'DELETE' && $lost) {
                    return new Answer(204, [], null); // an earlier try has deleted it, and its answer got lost
                }
                if ($failure instanceof VersionConflict) {
                    $failure->afterLostAnswer = $lost;
                }
                if (!self::isPassing($failure)) {
                    throw $failure;
                }
                $wanted = $failure->retryAfter ?? 0.0;
            }
            $length = max($wanted, $pause * random_int(50, 100) / 100); // so that not all come back at once
            if (!$triesAgain || self::now() + $length >= $until) {
                throw $failure;
            }
            self::sleep($length);
        }
    }

    /** A name for one intent: send it again with the request when its answer got lost. */
    public static function newIdempotencyKey(): string
    {
        return bin2hex(random_bytes(16));
    }

    /** Seconds on a clock that nobody sets. */
    public static function now(): float
    {
        return hrtime(true) / 1e9;
    }

    public static function sleep(float $seconds): void
    {
        usleep((int) round(max(0.0, $seconds) * 1e6));
    }

    /**
     * @param list<string> $path
     * @param array<string, ?string> $query
     */
    private function url(array $path, array $query): string
    {
        $given = http_build_query($query); // what is null is left out
        return $this->address . '/api/' . implode('/', array_map(rawurlencode(...), $path)) . ($given === '' ? '' : "?{$given}");
    }

    /** @param array<string, ?string> $headers */
    private function once(string $verb, string $url, array $headers, ?string $body, ?string $key, float $seconds): Answer
    {
        $received = [];
        $this->curl ??= curl_init();
        curl_reset($this->curl); // and yet its connection stays open
        curl_setopt_array($this->curl, [
            CURLOPT_URL => $url,
            CURLOPT_CUSTOMREQUEST => $verb,
            CURLOPT_HTTPHEADER => $this->lines($headers, $body, $key),
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            // On a connection that it has kept, curl sends again by itself what got no answer, and says nothing of it: a change
            // would come back as a conflict with itself. A POST is safe under its key.
            CURLOPT_FRESH_CONNECT => in_array($verb, ['PUT', 'PATCH', 'DELETE'], true),
            CURLOPT_PROXY => '', // a proxy of this machine is not to see the key
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_CONNECTTIMEOUT_MS => (int) (1000 * min($this->connectSeconds, $seconds)),
            CURLOPT_TIMEOUT_MS => (int) (1000 * $seconds),
            CURLOPT_HEADERFUNCTION => static function ($_, string $line) use (&$received): int {
                if (str_starts_with($line, 'HTTP/')) {
                    $received = []; // after a 100 Continue they begin anew
                } elseif (str_contains($line, ':')) {
                    [$name, $value] = explode(':', $line, 2);
                    $received[strtolower(trim($name))][] = trim($value);
                }
                return strlen($line);
            },
        ]);
        if ($body !== null || $verb === 'POST') {
            curl_setopt($this->curl, CURLOPT_POSTFIELDS, $body ?? '');
        }
        $content = curl_exec($this->curl);
        if (!is_string($content)) {
            throw new ServiceUnreachable("{$this->address} did not answer (" . curl_strerror(curl_errno($this->curl)) . ')');
        }
        return $this->answer((int) curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE), $received, $content, $key);
    }

    /**
     * @param array<string, ?string> $headers
     * @return list<string>
     */
    private function lines(array $headers, ?string $body, ?string $key): array
    {
        $all = $headers + [
            'Authorization' => "Bearer {$this->apiKey}",
            'Accept' => 'application/json',
            'User-Agent' => 'whipround-php/' . self::VERSION,
            'Content-Type' => $body === null ? '' : 'application/json',
            'Idempotency-Key' => $key,
            'Prefer' => $this->strict ? 'handling=strict' : null,
            'Expect' => '',
        ];
        $lines = [];
        foreach ($all as $name => $value) {
            if ($value !== null) {
                $lines[] = $value === '' ? "{$name}:" : "{$name}: {$value}"; // an empty one takes away what curl would send
            }
        }
        return $lines;
    }

    /** @param array<string, list<string>> $headers */
    private function answer(int $status, array $headers, string $content, ?string $key): Answer
    {
        foreach ($this->onNotice === null ? [] : ($headers['notice'] ?? []) as $notice) {
            ($this->onNotice)($notice);
        }
        if ($status === 204 || $status === 304) {
            return new Answer($status, $headers, null);
        }
        $document = json_decode($content, true);
        if ($status >= 200 && $status < 300) {
            if (!is_array($document)) {
                throw new UnexpectedAnswer('the answer is not the JSON that was asked for');
            }
            return new Answer($status, $headers, $document);
        }
        $retryAfter = Answer::retryAfterOf($headers);
        if (is_array($document) && isset($document['code'])) {
            throw Problem::of($status, $document, $retryAfter, $key);
        }
        if (in_array($status, [429, 502, 503, 504], true)) { // a proxy in front, while the service starts
            throw Problem::of(503, ['code' => '', 'detail' => "{$this->address} answered {$status}"], $retryAfter, $key);
        }
        throw new UnexpectedAnswer("{$this->address} answered {$status} with something else than a problem document");
    }

    private static function isPassing(Problem $problem): bool
    {
        return in_array($problem->status, [429, 503, 504], true) || $problem->problemCode === 'idempotency_key_in_use';
    }
}
