<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with givers and their standing permissions. */
trait Givers
{
    /** @throws Conflict where another giver of yours has this id of yours */
    public function createGiver(
        string $externalId,
        ?string $name = null,
        ?string $email = null,
        ?string $idempotencyKey = null,
    ): Giver {
        $given = self::given(['externalId' => $externalId, 'name' => $name, 'email' => $email]);
        return $this->post(Giver::class, ['Givers'], Giver::document($given), $idempotencyKey);
    }

    public function getGiver(string $giverId): Giver
    {
        return $this->get(Giver::class, ['Giver', $giverId]);
    }

    /** The giver with this id of yours; null where there is none. */
    public function findGiver(string $externalId): ?Giver
    {
        foreach ($this->listGivers($externalId, 1) as $giver) {
            return $giver;
        }
        return null;
    }

    /**
     * Yours, newest first, page by page as you go.
     *
     * @return \Generator<int, Giver>
     */
    public function listGivers(?string $externalId = null, int $limit = 50): \Generator
    {
        return $this->pages(Giver::class, ['Givers'], self::given(['ExternalId' => $externalId]), $limit);
    }

    /**
     * Change what is named; null takes name or email away.
     *
     * @param array<string, mixed> $changes such as ['name' => '...']
     * @throws VersionConflict
     */
    public function updateGiver(string $giverId, int $version, array $changes): Giver
    {
        $body = ['RecordVersionNumber' => $version] + Giver::document($changes);
        return self::one(Giver::class, $this->connection->call('PATCH', ['Giver', $giverId], body: $body));
    }

    /** Erase the person: the permissions are over, and what names them is replaced. The amounts stay. */
    public function eraseGiver(string $giverId): void
    {
        $this->connection->call('DELETE', ['Giver', $giverId]);
    }

    /** Another giverUrl; the one before is over. */
    public function rotateGiverPage(string $giverId, ?string $idempotencyKey = null): Giver
    {
        return $this->post(Giver::class, ['Giver', $giverId, 'Rotate'], idempotencyKey: $idempotencyKey);
    }

    /**
     * A PIN of 4 to 8 digits. Where one is set already, $old is that one.
     *
     * @throws Forbidden where it is not; Problem with status 423 where too many wrong ones have locked it
     */
    public function setPin(
        string $giverId,
        #[\SensitiveParameter] string $pin,
        #[\SensitiveParameter] ?string $old = null,
        ?string $idempotencyKey = null,
    ): void {
        $body = self::given(['Pin' => $pin, 'Verify' => $old]);
        $this->connection->call('POST', ['Giver', $giverId, 'Pin'], body: $body, idempotencyKey: $idempotencyKey);
    }

    /** @throws Forbidden where this is not the giver's PIN; Problem with status 423 where it is locked */
    public function verifyPin(
        string $giverId,
        #[\SensitiveParameter] string $pin,
        ?string $idempotencyKey = null,
    ): void {
        $body = ['Verify' => $pin];
        $this->connection->call('POST', ['Giver', $giverId, 'Pin'], body: $body, idempotencyKey: $idempotencyKey);
    }

    /** For a giver who has forgotten it, and whom you know otherwise. Its lock goes with it. */
    public function removePin(string $giverId): void
    {
        $this->connection->call('DELETE', ['Giver', $giverId, 'Pin']);
    }

    /** Ask the giver to agree: send their browser to its permissionUrl next. It is Requested until they have. */
    public function askPermission(
        string $giverId,
        string $providerName,
        string $currency,
        string|int $maximumAmount,
        string|int|null $maximumTotal = null,
        ?string $endDate = null,
        ?string $confirmationUrl = null,
        ?string $cancelUrl = null,
        ?string $idempotencyKey = null,
    ): Permission {
        $given = self::given(get_defined_vars());
        unset($given['giverId'], $given['idempotencyKey']);
        $path = ['Giver', $giverId, 'Permissions'];
        return $this->post(Permission::class, $path, Permission::document($given), $idempotencyKey);
    }

    public function getPermission(string $permissionId): Permission
    {
        return $this->get(Permission::class, ['Permission', $permissionId]);
    }

    /**
     * A giver's, newest first, page by page as you go.
     *
     * @return \Generator<int, Permission>
     */
    public function listPermissions(string $giverId, int $limit = 50): \Generator
    {
        return $this->pages(Permission::class, ['Giver', $giverId, 'Permissions'], [], $limit);
    }

    /** Take it back, here and at the provider. It can be read all the same. */
    public function revokePermission(string $permissionId, ?string $etag = null): void
    {
        $this->connection->call('DELETE', ['Permission', $permissionId], headers: ['If-Match' => $etag]);
    }
}
