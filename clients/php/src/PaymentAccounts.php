<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with payees. */
trait PaymentAccounts
{
    /** A payee. Without credentials they are to be onboarded by link, where the provider does that. */
    public function createPaymentAccount(
        string $providerName,
        #[\SensitiveParameter] ?string $credentials = null,
        ?string $idempotencyKey = null,
    ): PaymentAccount {
        $given = self::given(['providerName' => $providerName, 'credentials' => $credentials]);
        return $this->post(PaymentAccount::class, ['PaymentAccounts'], PaymentAccount::document($given), $idempotencyKey);
    }

    public function getPaymentAccount(string $accountId): PaymentAccount
    {
        return $this->get(PaymentAccount::class, ['PaymentAccount', $accountId]);
    }

    /**
     * Yours, newest first, page by page as you go.
     *
     * @return \Generator<int, PaymentAccount>
     */
    public function listPaymentAccounts(int $limit = 50): \Generator
    {
        return $this->pages(PaymentAccount::class, ['PaymentAccounts'], [], $limit);
    }

    /**
     * New credentials hold for all goals that name the account.
     *
     * @param array<string, mixed> $changes such as ['credentials' => '...']
     * @throws VersionConflict
     */
    public function updatePaymentAccount(string $accountId, int $version, array $changes): PaymentAccount
    {
        $body = ['RecordVersionNumber' => $version] + PaymentAccount::document($changes);
        return self::one(PaymentAccount::class, $this->connection->call('PATCH', ['PaymentAccount', $accountId], body: $body));
    }

    /** @throws Conflict while a goal names it */
    public function deletePaymentAccount(string $accountId): void
    {
        $this->connection->call('DELETE', ['PaymentAccount', $accountId]);
    }

    /** A fresh onboardingUrl: send the payee there at once, and nobody else. */
    public function onboard(string $accountId): PaymentAccount
    {
        return $this->post(PaymentAccount::class, ['PaymentAccount', $accountId, 'Onboarding']);
    }

    /** Have the provider asked how the payee stands. */
    public function checkPaymentAccount(string $accountId): PaymentAccount
    {
        return $this->post(PaymentAccount::class, ['PaymentAccount', $accountId, 'Check']);
    }
}
