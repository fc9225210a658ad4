<?php

declare(strict_types=1);

namespace Whipround;

/** What others bring: webhooks, and givers who come back. Neither is believed before its signature is. */
final class Verification
{
    public const TOLERANCE_SECONDS = 300;

    /**
     * The event in a webhook (Standard Webhooks), once it is known to be genuine.
     *
     * Keep the event's id: one whose answer got lost comes again under the same.
     *
     * @param string|list<string> $secrets `whsec_...`, or several while you rotate
     * @param array<string, string|list<string>> $headers under any spelling of their names; $_SERVER will do
     * @param string $body the bytes as they came: file_get_contents('php://input')
     * @throws VerificationFailed
     */
    public static function webhook(
        #[\SensitiveParameter] string|array $secrets,
        array $headers,
        string $body,
        int $toleranceSeconds = self::TOLERANCE_SECONDS,
        ?int $now = null,
    ): Event {
        $found = [];
        foreach ($headers as $name => $value) {
            $name = strtolower(str_replace('_', '-', (string) $name));
            $found[preg_replace('/^http-/', '', $name)] = is_array($value) ? (string) ($value[0] ?? '') : (string) $value;
        }
        $id = $found['webhook-id'] ?? '';
        $sentAt = $found['webhook-timestamp'] ?? '';
        self::checkTime($sentAt, $toleranceSeconds, $now);
        $fits = false;
        foreach (self::several($secrets) as $secret) {
            $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
            if ($key === false || $key === '') {
                throw new \InvalidArgumentException('a webhook secret is whsec_ and base64');
            }
            $ours = 'v1,' . base64_encode(hash_hmac('sha256', "{$id}.{$sentAt}.{$body}", $key, true));
            foreach (explode(' ', $found['webhook-signature'] ?? '') as $theirs) {
                $fits = hash_equals($ours, $theirs) || $fits; // each with each: the time tells nothing of which one fitted
            }
        }
        if (!$fits) {
            throw new VerificationFailed('the signature of the webhook fits none of the secrets');
        }
        return self::event($id, $body);
    }

    /**
     * What a giver's address says, once it is known to be the service's word. The signature holds for the moment: ask the
     * service how the gift stands later on.
     *
     * @param string|list<string> $secrets
     * @param string $address what the browser asked for, or its query string
     * @throws VerificationFailed
     */
    public static function bounce(
        #[\SensitiveParameter] string|array $secrets,
        string $address,
        int $toleranceSeconds = self::TOLERANCE_SECONDS,
        ?int $now = null,
    ): Bounce {
        $query = explode('#', str_contains($address, '?') ? explode('?', $address, 2)[1] : $address)[0];
        $found = ['Id' => [], 'Status' => [], 'Time' => [], 'Signature' => []];
        foreach (explode('&', $query) as $pair) {
            [$name, $value] = explode('=', $pair, 2) + [1 => ''];
            $found[urldecode($name)][] = urldecode($value);
        }
        foreach (['Id', 'Status', 'Time', 'Signature'] as $name) {
            if (count($found[$name]) !== 1) {
                throw new VerificationFailed("the address holds {$name} " . count($found[$name]) . ' times; a signed one holds it once');
            }
        }
        [$id, $status, $time, $signature] = [$found['Id'][0], $found['Status'][0], $found['Time'][0], $found['Signature'][0]];
        self::checkTime($time, $toleranceSeconds, $now);
        $fits = false;
        foreach (self::several($secrets) as $secret) {
            $ours = base64_encode(hash_hmac('sha256', "{$id}.{$status}.{$time}", $secret, true));
            $fits = hash_equals(rtrim(strtr($ours, '+/', '-_'), '='), $signature) || $fits;
        }
        if (!$fits) {
            throw new VerificationFailed('the signature of the address fits none of the secrets');
        }
        return new Bounce($id, $status, (int) $time);
    }

    /**
     * @param string|list<string> $secrets
     * @return list<string>
     */
    private static function several(string|array $secrets): array
    {
        $many = (array) $secrets;
        if ($many === [] || in_array('', $many, true)) {
            throw new \InvalidArgumentException('there is no secret to verify with, or an empty one');
        }
        return array_values($many);
    }

    private static function checkTime(string $sentAt, int $tolerance, ?int $now): void
    {
        if (preg_match('/^\d{1,12}$/D', $sentAt) !== 1) {
            throw new VerificationFailed('there is no time in it');
        }
        if (abs(($now ?? time()) - (int) $sentAt) > $tolerance) {
            throw new VerificationFailed('it is too old, or the clocks differ');
        }
    }

    private static function event(string $id, string $body): Event
    {
        $told = json_decode($body, true);
        if (!is_array($told)) {
            throw new UnexpectedAnswer("the webhook is genuine, but not JSON: set the endpoint's Format to JSON");
        }
        $document = ['Id' => $id, 'Type' => $told['type'] ?? null, 'Date' => $told['timestamp'] ?? null];
        $owner = str_starts_with((string) ($told['type'] ?? ''), 'goal.') ? 'SavingGoal' : 'Contribution';
        return Event::read(($told['data'] ?? []) ? $document + [$owner => $told['data']] : $document);
    }
}
