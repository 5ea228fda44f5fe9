<?php
// Unpacks archives with ZipArchive. The list has "number, archive, folder" a line; one line of JSON answers each.
set_error_handler(function (int $level, string $message): never {
    throw new ErrorException($message);
});
foreach (file($argv[1], FILE_IGNORE_NEW_LINES) as $line) {
    [$number, $archive, $folder] = explode("\t", $line);
    $refused = null;
    try {
        $zip = new ZipArchive();
        $opened = $zip->open($archive, ZipArchive::RDONLY);
        if ($opened !== true) {
            $refused = "open answers $opened";
        } elseif (!$zip->extractTo($folder)) {
            $refused = 'extractTo answers false: ' . $zip->getStatusString();
        }
    } catch (Throwable $error) {
        $refused = $error->getMessage();
    }
    echo json_encode(['number' => (int) $number, 'refused' => $refused], JSON_INVALID_UTF8_SUBSTITUTE), "\n";
    flush();
}
