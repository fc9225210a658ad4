<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * One way in which a goal's gifts can be paid, and to whom: credentials, or the id of a payment account.
 */
final class PaymentProvider extends Record
{
    public const ELEMENTS = [
        ['providerName', 'ProviderName', 'text', '', true, true],
        ['credentials', 'Credentials', 'text', '', false, true],
        ['paymentAccountId', 'PaymentAccountId', 'text', '', false, true],
    ];

    public function __construct(
        public readonly string $providerName,
        public readonly ?string $credentials = null,
        public readonly ?string $paymentAccountId = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
