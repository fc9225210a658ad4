<?php

declare(strict_types=1);

namespace Whipround;

/** The service said no (RFC 9457). The code is for programs, detail for people, faults say what is wrong with a body. */
class Problem extends WhiproundError
{
    public readonly string $problemCode;
    public readonly string $detail;
    public readonly string $title;
    public readonly string $type;
    /** @var list<Fault> */
    public readonly array $faults;

    /**
     * @param array<string, mixed> $document the problem document as it came
     * @param ?float $retryAfter after how many seconds the same may be tried again, where the service says so
     * @param ?string $idempotencyKey what a POST was sent under; a request that is refused does not use it up
     */
    public function __construct(
        public readonly int $status,
        public readonly array $document,
        public readonly ?float $retryAfter = null,
        public readonly ?string $idempotencyKey = null,
    ) {
        $this->problemCode = (string) ($document['code'] ?? '');
        $this->detail = (string) ($document['detail'] ?? '');
        $this->title = (string) ($document['title'] ?? '');
        $this->type = (string) ($document['type'] ?? '');
        $this->faults = array_map(
            static fn (array $one): Fault => new Fault(
                (string) ($one['path'] ?? ''),
                (string) ($one['detail'] ?? ''),
                isset($one['line']) ? (int) $one['line'] : null,
            ),
            array_values($document['errors'] ?? []),
        );
        parent::__construct("{$status} {$this->problemCode}: {$this->detail}", $status);
    }

    /**
     * What is wrong: a sentence for each fault, else what stands in detail.
     *
     * @return list<string>
     */
    public function sentences(): array
    {
        return $this->faults ? array_map(static fn (Fault $one): string => $one->sentence, $this->faults) : [$this->detail];
    }

    /**
     * The exception for a problem document.
     *
     * @param array<string, mixed> $document
     */
    public static function of(int $status, array $document, ?float $retryAfter, ?string $idempotencyKey): self
    {
        $isStale = $status === 409 && str_starts_with((string) ($document['code'] ?? ''), 'stale_');
        $kind = match (true) {
            $isStale, $status === 412, $status === 428 => VersionConflict::class,
            $status === 401 => Unauthorized::class,
            $status === 403 => Forbidden::class,
            $status === 404 => NotFound::class,
            $status === 409 => Conflict::class,
            $status === 429 => TooManyRequests::class,
            $status === 502 => ProviderRefused::class,
            $status < 500 => BadRequest::class,
            default => ServiceFailed::class,
        };
        return new $kind($status, $document, $retryAfter, $idempotencyKey);
    }
}
