<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * A payee kept once and used by many goals.
 */
final class PaymentAccount extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['providerName', 'ProviderName', 'text', '', true, true],
        ['credentials', 'Credentials', 'text', '', false, true],
        ['maskedCredentials', 'MaskedCredentials', 'text', '', false, false],
        ['state', 'State', 'text', '', true, false],
        ['stateReason', 'StateReason', 'text', '', false, false],
        ['onboardingUrl', 'OnboardingURL', 'text', '', false, false],
        ['date', 'Date', 'moment', '', true, false],
        ['version', 'RecordVersionNumber', 'integer', '', true, false],
        ['test', 'Test', 'flag', '', true, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $providerName,
        public readonly string $state,
        public readonly \DateTimeImmutable $date,
        public readonly int $version,
        public readonly ?string $credentials = null,
        public readonly ?string $maskedCredentials = null,
        public readonly ?string $stateReason = null,
        public readonly ?string $onboardingUrl = null,
        public readonly bool $test = false,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
