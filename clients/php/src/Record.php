<?php

declare(strict_types=1);

namespace Whipround;

/** Something that the service keeps, as it was when it was read. Amounts are the decimal texts that stand on the wire. */
abstract class Record
{
    /** @var list<array{string, string, string, string, bool, bool}> property, element, kind, inner kind, always there, writable */
    public const ELEMENTS = [];

    /** Its name on the wire. */
    public static function wireName(): string
    {
        return substr(static::class, strlen(__NAMESPACE__) + 1);
    }

    /**
     * The record in a document.
     *
     * @throws UnexpectedAnswer where it is not one
     */
    public static function read(mixed $document, string $etag = ''): static
    {
        $name = static::wireName();
        if (!is_array($document)) {
            throw new UnexpectedAnswer("the answer holds no {$name}");
        }
        $values = ['etag' => $etag];
        foreach (static::ELEMENTS as [$property, $element, $kind, $inner, $required]) {
            if (isset($document[$element])) {
                $values[$property] = self::value($document[$element], $kind, $inner, "{$element} of the {$name}");
            } elseif ($required && in_array($kind, ['text', 'decimal', 'integer', 'moment'], true)) {
                throw new UnexpectedAnswer("the answer holds a {$name} without {$element}");
            }
        }
        return new static(...$values);
    }

    /**
     * A copy with these properties changed: `$goal->with(name: '...')`.
     */
    public function with(mixed ...$changes): static
    {
        return new static(...array_merge(get_object_vars($this), $changes));
    }

    /**
     * What a client may write of it; what is empty is left out.
     *
     * @return array<string, mixed>
     */
    public function written(): array
    {
        $values = [];
        foreach (static::ELEMENTS as [$property, , , , , $writable]) {
            $value = $this->{$property};
            if ($writable && !in_array($value, [null, false, '', []], true)) {
                $values[$property] = $value;
            }
        }
        return static::document($values);
    }

    /**
     * A document of these properties; null takes an element away (in a PATCH).
     *
     * @param array<string, mixed> $values
     * @return array<string, mixed>
     */
    public static function document(array $values): array
    {
        $document = [];
        foreach ($values as $name => $value) {
            $row = null;
            foreach (static::ELEMENTS as $one) {
                $row = $one[0] === $name && $one[5] ? $one : $row;
            }
            if ($row === null) {
                throw new \InvalidArgumentException('a ' . static::wireName() . " has no {$name} that can be written");
            }
            $document[$row[1]] = $value === null ? null : self::onTheWire($value, $row[2], $row[3]);
        }
        return $document;
    }

    /** An amount as it stands on the wire. A float is refused: 0.1 is not ten cents. */
    public static function decimalText(mixed $amount): string
    {
        if (!is_string($amount) && !is_int($amount)) {
            throw new \TypeError('an amount is a text such as "20.00" or a whole number, not a ' . get_debug_type($amount));
        }
        return (string) $amount;
    }

    private static function value(mixed $given, string $kind, string $inner, string $what): mixed
    {
        $class = __NAMESPACE__ . '\\' . $inner;
        $isScalar = is_string($given) || is_int($given);
        return match (true) {
            $kind === 'integer' && $isScalar && preg_match('/^-?\d+$/D', (string) $given) === 1 => (int) $given,
            $kind === 'flag' && in_array($given, [true, false, 'true', 'false'], true) => $given === true || $given === 'true',
            $kind === 'decimal' && $isScalar && preg_match('/^-?\d+(\.\d+)?$/D', (string) $given) === 1 => (string) $given,
            $kind === 'moment' && is_string($given) => self::moment($given, $what),
            $kind === 'list' => array_map($class::read(...), self::within($given, $inner)),
            $kind === 'inline' => array_map($class::read(...), self::within($given, '')),
            $kind === 'record' => $class::read($given),
            $kind === 'texts', $kind === 'decimals' => array_map(strval(...), self::within($given, $inner)),
            $kind === 'pairs' => array_column(self::within($given, 'Item'), 'Value', 'Name'),
            $kind === 'text' && ($isScalar || is_float($given)) => (string) $given,
            default => throw new UnexpectedAnswer("{$what} in the answer cannot be read"),
        };
    }

    private static function moment(string $given, string $what): \DateTimeImmutable
    {
        try {
            return new \DateTimeImmutable($given);
        } catch (\Exception $error) {
            throw new UnexpectedAnswer("{$what} in the answer cannot be read", 0, $error);
        }
    }

    /** @return list<mixed> what stands in a wrapper, `{"Item": [...]}`, or in a bare array */
    private static function within(mixed $given, string $inner): array
    {
        if (!is_array($given)) {
            return [$given];
        }
        $found = array_is_list($given) ? $given : ($given[$inner] ?? []);
        return is_array($found) && array_is_list($found) ? $found : [$found];
    }

    private static function onTheWire(mixed $value, string $kind, string $inner): mixed
    {
        return match ($kind) {
            'decimal' => self::decimalText($value),
            'decimals' => [$inner => array_map(self::decimalText(...), $value)],
            'texts' => [$inner => array_values($value)],
            'list' => [$inner => array_map(static fn (Record $one): array => $one->written(), array_values($value))],
            'pairs' => ['Item' => array_map(
                static fn ($name, $text): array => ['Name' => (string) $name, 'Value' => $text],
                array_keys($value),
                $value,
            )],
            default => $value,
        };
    }
}
