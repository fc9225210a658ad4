<?php
// Written by `python clients/generate.py` from clients/shapes.py: change it there.

declare(strict_types=1);

namespace Whipround;

/**
 * Something that happened, with the contribution or the goal as it was then.
 */
final class Event extends Record
{
    public const ELEMENTS = [
        ['id', 'Id', 'text', '', true, false],
        ['type', 'Type', 'text', '', true, false],
        ['date', 'Date', 'moment', '', true, false],
        ['contribution', 'Contribution', 'record', 'Contribution', false, false],
        ['savingGoal', 'SavingGoal', 'record', 'SavingGoal', false, false],
        ['permission', 'Permission', 'record', 'Permission', false, false],
        ['giftCertificate', 'GiftCertificate', 'record', 'GiftCertificate', false, false],
        ['pledge', 'Pledge', 'record', 'Pledge', false, false],
    ];

    public function __construct(
        public readonly string $id,
        public readonly string $type,
        public readonly \DateTimeImmutable $date,
        public readonly ?Contribution $contribution = null,
        public readonly ?SavingGoal $savingGoal = null,
        public readonly ?Permission $permission = null,
        public readonly ?GiftCertificate $giftCertificate = null,
        public readonly ?Pledge $pledge = null,
        /** What If-None-Match and If-Match take; empty where the record came within another. */
        public readonly string $etag = '',
    ) {
    }
}
