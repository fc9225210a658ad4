<?php

declare(strict_types=1);

namespace Whipround;

/** What the client can do with gift certificates. createContribution spends them: providerName "Certificate", with a giverId. */
trait GiftCertificates
{
    /** A certificate to be bought: send the buyer's browser to its providerUrl next, as with a gift. */
    public function createGiftCertificate(
        string|int $amount,
        string $currency,
        string $paymentAccountId,
        string $recipientName,
        ?string $message = null,
        ?string $expiresDate = null,
        ?string $contributor = null,
        ?string $reference = null,
        ?string $confirmationUrl = null,
        ?string $cancelUrl = null,
        ?string $idempotencyKey = null,
    ): GiftCertificate {
        $given = self::given(get_defined_vars());
        unset($given['idempotencyKey']);
        $document = GiftCertificate::document($given);
        return $this->post(GiftCertificate::class, ['GiftCertificates'], $document, $idempotencyKey);
    }

    /** As it stands now, with its claimCode while it can be claimed: whoever has that code can claim it. */
    public function getGiftCertificate(string $certificateId): GiftCertificate
    {
        return $this->get(GiftCertificate::class, ['GiftCertificate', $certificateId]);
    }

    /**
     * Yours, or those that a giver has claimed; newest first, page by page as you go.
     *
     * @return \Generator<int, GiftCertificate>
     */
    public function listGiftCertificates(?string $giverId = null, ?string $status = null, int $limit = 50): \Generator
    {
        $filters = self::given(['GiverId' => $giverId, 'Status' => $status]);
        return $this->pages(GiftCertificate::class, ['GiftCertificates'], $filters, $limit);
    }

    /**
     * The giver has typed this code.
     *
     * @throws Forbidden for a wrong one; Conflict for one that cannot be claimed
     */
    public function claimGiftCertificate(
        string $giverId,
        #[\SensitiveParameter] string $claimCode,
        ?string $idempotencyKey = null,
    ): GiftCertificate {
        $body = ['GiverId' => $giverId, 'ClaimCode' => $claimCode];
        return $this->post(GiftCertificate::class, ['GiftCertificates', 'Claim'], $body, $idempotencyKey);
    }

    /** Where you know whose it is. */
    public function claimWithoutCode(
        string $certificateId,
        string $giverId,
        ?string $idempotencyKey = null,
    ): GiftCertificate {
        $path = ['GiftCertificate', $certificateId, 'Claim'];
        return $this->post(GiftCertificate::class, $path, ['GiverId' => $giverId], $idempotencyKey);
    }

    /**
     * Call off a purchase that is not paid.
     *
     * @throws Conflict for one that is
     */
    public function cancelGiftCertificate(string $certificateId, ?string $etag = null): void
    {
        $this->connection->call('DELETE', ['GiftCertificate', $certificateId], headers: ['If-Match' => $etag]);
    }

    /** Give back to the buyer so much of what is unspent, or all of it. */
    public function refundGiftCertificate(
        string $certificateId,
        string|int|null $amount = null,
        ?string $reason = null,
        ?string $idempotencyKey = null,
    ): Refund {
        $document = Refund::document(self::given(['amount' => $amount, 'reason' => $reason]));
        return $this->post(Refund::class, ['GiftCertificate', $certificateId, 'Refunds'], $document, $idempotencyKey);
    }

    /**
     * A purchase's refunds, newest first.
     *
     * @return \Generator<int, Refund>
     */
    public function listGiftCertificateRefunds(string $certificateId, int $limit = 50): \Generator
    {
        return $this->pages(Refund::class, ['GiftCertificate', $certificateId, 'Refunds'], [], $limit);
    }
}
