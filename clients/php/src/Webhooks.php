<?php

declare(strict_types=1);

namespace Whipround;

/** Where events are sent, what became of them, and what the ways back are signed with. */
trait Webhooks
{
    /** What became of the delivery of an event, try by try. */
    public function getDeliveries(string $eventId): Deliveries
    {
        return $this->get(Deliveries::class, ['Events', $eventId, 'Deliveries']);
    }

    /**
     * The events that were given up: your webhook has missed them.
     *
     * @return \Generator<int, Event>
     */
    public function listUndelivered(): \Generator
    {
        return $this->pages(Event::class, ['Events'], ['Delivery' => 'GivenUp'], 100);
    }

    /** Send it once more. */
    public function redeliver(string $eventId): Event
    {
        return $this->post(Event::class, ['Events', $eventId, 'Redeliver']);
    }

    /** @throws NotFound where there is none */
    public function getWebhookEndpoint(): WebhookEndpoint
    {
        return $this->get(WebhookEndpoint::class, ['WebhookEndpoint']);
    }

    /**
     * Make one, or change the one there is at this version. Keep the secret: it is in the answer that made it, only.
     *
     * @param list<string> $eventTypes
     */
    public function setWebhookEndpoint(
        string $url,
        array $eventTypes = [],
        string $format = 'JSON',
        ?int $version = null,
    ): WebhookEndpoint {
        $body = WebhookEndpoint::document(['url' => $url, 'eventTypes' => $eventTypes, 'format' => $format]);
        $body += self::given(['RecordVersionNumber' => $version]);
        return self::one(WebhookEndpoint::class, $this->connection->call('PUT', ['WebhookEndpoint'], body: $body));
    }

    /** Nothing is sent any more. */
    public function deleteWebhookEndpoint(): void
    {
        $this->connection->call('DELETE', ['WebhookEndpoint']);
    }

    /** A new secret; for a day messages are signed with both. Where it is null the answer got lost: call again. */
    public function rotateWebhookSecret(?string $idempotencyKey = null): WebhookEndpoint
    {
        return $this->post(WebhookEndpoint::class, ['WebhookEndpoint', 'Rotate'], null, $idempotencyKey);
    }

    /** Have an event sent that tells of nothing. */
    public function testWebhook(): Event
    {
        return $this->post(Event::class, ['WebhookEndpoint', 'Test']);
    }

    /**
     * All of them, where you have several.
     *
     * @return \Generator<int, WebhookEndpoint>
     */
    public function listWebhookEndpoints(): \Generator
    {
        return $this->pages(WebhookEndpoint::class, ['WebhookEndpoints'], [], 50);
    }

    /**
     * One more. Keep the secret.
     *
     * @param list<string> $eventTypes
     */
    public function createWebhookEndpoint(
        string $url,
        array $eventTypes = [],
        string $format = 'JSON',
        ?string $idempotencyKey = null,
    ): WebhookEndpoint {
        $body = WebhookEndpoint::document(['url' => $url, 'eventTypes' => $eventTypes, 'format' => $format]);
        return $this->post(WebhookEndpoint::class, ['WebhookEndpoints'], $body, $idempotencyKey);
    }

    /** One of several. */
    public function removeWebhookEndpoint(string $endpointId): void
    {
        $this->connection->call('DELETE', ['WebhookEndpoints', $endpointId]);
    }

    /** Have the addresses that givers come back to signed. Keep the secret. */
    public function createRedirectSecret(?string $idempotencyKey = null): RedirectSecret
    {
        return $this->post(RedirectSecret::class, ['RedirectSecret'], null, $idempotencyKey);
    }

    /** A new secret. */
    public function rotateRedirectSecret(?string $idempotencyKey = null): RedirectSecret
    {
        return $this->post(RedirectSecret::class, ['RedirectSecret', 'Rotate'], null, $idempotencyKey);
    }

    /** Unsigned again. */
    public function deleteRedirectSecret(): void
    {
        $this->connection->call('DELETE', ['RedirectSecret']);
    }
}
