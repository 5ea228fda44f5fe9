import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Lists archives in memory with java.util.zip: arguments "file" (ZipFile, by the directory) or "stream" (ZipInputStream, by local
 * headers), the list, and the most bytes of one archive. The list has "number, archive, folder" a line; one line of JSON answers each.
 */
public final class Reader {
    private static final byte[] CHUNK = new byte[1 << 16];

    public static void main(String[] args) throws Exception {
        boolean streaming = args[0].equals("stream");
        long most = Long.parseLong(args[2]);
        try (BufferedReader list = Files.newBufferedReader(Path.of(args[1]))) {
            for (String line = list.readLine(); line != null; line = list.readLine()) {
                String[] parts = line.split("\t");
                StringBuilder entries = new StringBuilder();
                String refused = "null";
                try {
                    if (streaming) stream(parts[1], most, entries);
                    else file(parts[1], most, entries);
                } catch (Exception | StackOverflowError | OutOfMemoryError error) {
                    refused = '"' + base64(error.toString()) + '"';
                }
                System.out.println("{\"number\":" + parts[0] + ",\"refused64\":" + refused + ",\"entries\":[" + entries + "]}");
            }
        }
    }

    private static void file(String archive, long most, StringBuilder entries) throws Exception {
        long left = most;
        try (ZipFile zip = new ZipFile(archive)) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream content = zip.getInputStream(entry)) {
                    left = add(entry, content, left, entries);
                }
            }
        }
    }

    private static void stream(String archive, long most, StringBuilder entries) throws Exception {
        long left = most;
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(new FileInputStream(archive)))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) left = add(entry, zip, left, entries);
        }
    }

    private static long add(ZipEntry entry, InputStream content, long left, StringBuilder entries) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-512");
        for (int read = content.read(CHUNK); read >= 0; read = content.read(CHUNK)) {
            left -= read;
            if (left < 0) throw new IOException("it writes too much");
            digest.update(CHUNK, 0, read);
        }
        if (entries.length() > 0) entries.append(',');
        String hash = HexFormat.of().formatHex(digest.digest());
        entries.append("[\"").append(base64(entry.getName())).append("\",\"").append(hash).append("\"]");
        return left;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
