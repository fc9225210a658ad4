<?php

// The PHP package, told what to do line by line: see tests/clients/driving.py.

declare(strict_types=1);

use Whipround\Client;
use Whipround\PaymentProvider;
use Whipround\Record;
use Whipround\Verification;

require __DIR__ . '/../../../clients/php/autoload.php';

set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    throw new \ErrorException($message, 0, $level, $file, $line);
});

final class Driver
{
    private Client $client;
    /** @var array<string, Record> records that were read, by their Id */
    private array $known = [];
    /** @var list<string> */
    private array $notices = [];

    public function perform(string $what, array $given): mixed
    {
        $take = $given['take'] ?? PHP_INT_MAX;
        unset($given['take']);
        if (isset($given['paymentProviders'])) {
            $given['paymentProviders'] = array_map(static fn (array $one) => new PaymentProvider(...$one), $given['paymentProviders']);
        }
        switch ($what) {
            case 'open':
                $given = array_combine(str_replace('readSeconds', 'answerSeconds', array_keys($given)), $given);
                $this->client = new Client(...$given, onNotice: function (string $notice): void {
                    $this->notices[] = $notice;
                });
                return null;
            case 'notices':
                return $this->notices;
            case 'floats':
                return $this->client->createContribution('x', amount: 0.1, contributor: 'x');
            case 'verifyWebhook':
                return Verification::webhook(...$given);
            case 'verifyBounce':
                return Verification::bounce(...$given);
            case 'replaceGoal':
                $goal = $this->known[$given['goalId']];
                unset($given['goalId']);
                return $this->client->replaceGoal($goal->with(...$given));
            case 'getGoalIfChanged':
                return $this->client->getGoalIfChanged($this->known[$given['id']]);
            case 'waitForContribution':
                return $this->client->waitForContribution($this->known[$given['id']], $given['seconds']);
            case 'updateGoal':
            case 'updatePaymentAccount':
            case 'updateGiver':
                $id = array_shift($given);
                $version = $given['version'];
                unset($given['version']);
                return $this->client->{$what}($id, $version, $given);
            case 'listAllContributions':
            case 'listAllRefunds':
                return iterator_to_array($this->client->{$what}($given), false);
            case 'validateGoal':
                return $this->client->validateGoal($given);
        }
        $done = $this->client->{$what}(...$given);
        if (!$done instanceof \Generator) {
            return $done;
        }
        $found = [];
        foreach ($take > 0 ? $done : [] as $one) {
            $found[] = $one;
            if (count($found) >= $take) {
                break;
            }
        }
        return $found;
    }

    public function plain(mixed $value): mixed
    {
        if ($value instanceof Record) {
            if (isset($value->id)) {
                $this->known[$value->id] = $value;
            }
            $found = get_object_vars($value);
            return array_map($this->plain(...), $found);
        }
        if ($value instanceof \DateTimeInterface) {
            return $value->format('c');
        }
        return is_array($value) ? array_map($this->plain(...), $value) : $value;
    }

    public function told(\Throwable $error): array
    {
        $found = ['kind' => substr(strrchr('\\' . $error::class, '\\'), 1), 'message' => $error->getMessage(), 'faults' => []];
        foreach (['status', 'detail', 'retryAfter', 'idempotencyKey', 'afterLostAnswer'] as $name) {
            $found[$name] = property_exists($error, $name) ? $error->{$name} : null;
        }
        $found['code'] = $error->problemCode ?? null;
        foreach (['currentVersion', 'sentences', 'contributionId', 'reason', 'current', 'differs'] as $name) {
            $found[$name] = method_exists($error, $name) ? $this->plain($error->{$name}()) : null;
        }
        foreach ($error->faults ?? [] as $fault) {
            $found['faults'][] = [$fault->path, $fault->sentence];
        }
        return $found;
    }
}

$driver = new Driver();
while (($line = fgets(STDIN)) !== false) {
    $asked = json_decode($line, true, flags: JSON_THROW_ON_ERROR);
    try {
        $answer = ['ok' => $driver->plain($driver->perform($asked['do'], $asked['with']))];
    } catch (\Whipround\WhiproundError | \TypeError | \InvalidArgumentException $error) {
        $answer = ['error' => $driver->told($error)];
    }
    echo json_encode($answer, JSON_THROW_ON_ERROR), "\n";
}
