<?php

declare(strict_types=1);

namespace Whipround;

/** An answer that is no problem. The document is null where there is no body (204, 304). */
final class Answer
{
    /** @param array<string, list<string>> $headers by name in lower case */
    public function __construct(
        public readonly int $status,
        public readonly array $headers,
        public readonly mixed $document,
    ) {
    }

    public function etag(): string
    {
        return $this->headers['etag'][0] ?? '';
    }

    /** Seconds. */
    public function retryAfter(): ?float
    {
        return self::retryAfterOf($this->headers);
    }

    /**
     * How many seconds Retry-After asks for, given as such or as a date.
     *
     * @param array<string, list<string>> $headers
     */
    public static function retryAfterOf(array $headers): ?float
    {
        $given = trim($headers['retry-after'][0] ?? '');
        if (preg_match('/^\d+$/D', $given) === 1) {
            return (float) $given;
        }
        $moment = $given === '' ? false : strtotime($given);
        return $moment === false ? null : max(0.0, $moment - microtime(true));
    }
}
