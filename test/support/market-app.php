<?php

declare(strict_types=1);

/*
 * What an ownCloud server does with a store, as its market app does it: it asks for the apps of its version, finds one by its id, takes
 * of the releases for that version the highest, fetches it, and opens the archive by the ending of its name. Written for tests from
 * what the market app asks for and reads; nothing of it is in here.
 *
 *   php market-app.php COMMAND SETTINGS [APP] [VERSION]
 *
 * COMMAND is list, bundles, categories, updates, install or update; SETTINGS a JSON object: store, platform, apps (the folder), and key
 * and cache, if any. Prints JSON; exit 1 with {"error": …}.
 */

final class StoreError extends Exception
{
}

[, $command, $settings] = $argv;
$server = json_decode($settings, true, 8, JSON_THROW_ON_ERROR);
// Whatever is missing in an answer is an error here, where the market app would stumble over it.
set_error_handler(static function (int $level, string $message): never {
    throw new ErrorException($message);
});

try {
    echo json_encode(run($server, $command, $argv[3] ?? '', $argv[4] ?? null), JSON_THROW_ON_ERROR), "\n";
} catch (StoreError | ErrorException $error) {
    echo json_encode(['error' => $error->getMessage()]), "\n";
    exit(1);
}

function run(array $server, string $command, string $id, ?string $version): mixed
{
    return match ($command) {
        'list' => array_map(static fn (array $app): string => $app['id'], appsOf($server)),
        'categories' => array_map(
            static fn (array $category): array => [$category['id'], $category['translations']['en']['name']],
            ask($server, '/api/v1/categories.json'),
        ),
        'bundles' => array_map(
            static fn (array $bundle): array => [
                $bundle['title'],
                $bundle['description'],
                $bundle['downloadable'],
                array_map(static fn (array $app): array => [$app['id'], $app['title'], newest($app['releases'])['version']], $bundle['products']),
            ],
            ask($server, '/api/v1/bundles.json'),
        ),
        'updates' => updates($server),
        'install' => put($server, $id, null, false),
        'update' => put($server, $id, $version, true),
    };
}

/** The apps for this server's version, of which it tells three numbers; kept for a day where there is a cache. */
function appsOf(array $server): array
{
    $cache = $server['cache'] ?? null;
    if ($cache !== null && is_file($cache)) {
        return json_decode(file_get_contents($cache), true, 32, JSON_THROW_ON_ERROR);
    }
    $asked = implode('.', array_slice(explode('.', $server['platform']), 0, 3));
    $apps = ask($server, "/api/v1/platform/$asked/apps.json");
    if ($cache !== null) {
        file_put_contents($cache, json_encode($apps));
    }
    return $apps;
}

function ask(array $server, string $path): array
{
    return json_decode(fetch($server, rtrim($server['store'], '/') . $path), true, 32, JSON_THROW_ON_ERROR);
}

function fetch(array $server, string $url): string
{
    $headers = isset($server['key']) ? ["Authorization: apikey: {$server['key']}"] : [];
    $context = stream_context_create(['http' => ['header' => $headers, 'ignore_errors' => true, 'timeout' => 30]]);
    $body = file_get_contents($url, false, $context);
    preg_match('/^HTTP\/\S+ (\d+)/', implode("\n", preg_grep('/^HTTP\//', $http_response_header)), $status);
    if ($status[1] === '401') {
        throw new StoreError(isset($server['key']) ? 'the key is not valid' : 'a key is missing');
    }
    if ($status[1] !== '200') {
        throw new StoreError("the store answered {$status[1]}");
    }
    return $body;
}

function find(array $server, string $id): array
{
    foreach (appsOf($server) as $app) {
        if ($app['id'] === $id) {
            return $app;
        }
    }
    throw new StoreError('unknown app');
}

/** Of each app that is installed and in the store the highest version above its own: within its major version, and beyond. */
function updates(array $server): array
{
    $found = [];
    foreach (scandir($server['apps']) as $id) {
        $installed = installed($server, $id);
        if ($installed === null) {
            continue;
        }
        try {
            $releases = find($server, $id)['releases'];
        } catch (StoreError) {
            continue;
        }
        $higher = array_filter($releases, static fn (array $each): bool => version_compare($each['version'], $installed, '>'));
        $isMinor = static fn (array $each): bool => (int) $each['version'] === (int) $installed;
        $found[$id] = [
            'minor' => newest(array_filter($higher, $isMinor))['version'] ?? false,
            'major' => newest(array_filter($higher, static fn (array $each): bool => !$isMinor($each)))['version'] ?? false,
        ];
    }
    return $found;
}

function newest(array $releases): ?array
{
    usort($releases, static fn (array $a, array $b): int => version_compare($a['version'], $b['version']));
    return array_pop($releases);
}

/** Installs the highest release that is for this server, or this version of it. */
function put(array $server, string $id, ?string $wanted, bool $mustBeThere): array
{
    if ((installed($server, $id) !== null) !== $mustBeThere) {
        throw new StoreError($mustBeThere ? 'not installed' : 'already installed');
    }
    $fit = array_filter(
        find($server, $id)['releases'],
        static fn (array $each): bool => ($wanted === null || $each['version'] === $wanted)
            && !compare($server['platform'], $each['platformMin'], '<')
            && !compare($server['platform'], $each['platformMax'], '>'),
    );
    $release = newest($fit);
    if ($release === null) {
        throw new StoreError('no version for this server');
    }
    $ending = pathinfo($release['download'], PATHINFO_EXTENSION);
    $file = "{$server['apps']}/.fetched.$ending";
    file_put_contents($file, fetch($server, $release['download']));
    try {
        unpack_app($file, $ending, $server['apps'], $id);
    } finally {
        unlink($file);
    }
    return ['installed' => installed($server, $id)];
}

/** Versions of a server are compared as far as both go; one that is not there counts as the lowest. */
function compare(string $one, ?string $other, string $operator): bool
{
    if ($other === null) {
        return version_compare($one, '', $operator);
    }
    $length = min(count(explode('.', $one)), count(explode('.', $other)));
    $cut = static fn (string $version): string => implode('.', array_slice(explode('.', $version), 0, $length));
    return version_compare($cut($one), $cut($other), $operator);
}

function unpack_app(string $file, string $ending, string $folder, string $id): void
{
    $zip = new ZipArchive();
    if ($ending !== 'zip' || $zip->open($file) !== true) {
        throw new StoreError('the archive can not be opened');
    }
    if (element((string) $zip->getFromName("$id/appinfo/info.xml"), 'id') !== $id) {
        throw new StoreError('the archive is of another app');
    }
    exec('rm -rf ' . escapeshellarg("$folder/$id"));
    $zip->extractTo($folder);
}

/** The version of an app that is installed; null where it isn't. */
function installed(array $server, string $id): ?string
{
    $file = "{$server['apps']}/$id/appinfo/info.xml";
    return $id[0] !== '.' && is_file($file) ? element(file_get_contents($file), 'version') : null;
}

function element(string $xml, string $name): ?string
{
    return preg_match("/<$name>([^<]*)<\\/$name>/", $xml, $found) === 1 ? $found[1] : null;
}
