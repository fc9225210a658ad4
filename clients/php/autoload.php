<?php

// For whoever does without Composer: require this file once.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Whipround\\')) {
        $file = __DIR__ . '/src/' . substr($class, strlen('Whipround\\')) . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
