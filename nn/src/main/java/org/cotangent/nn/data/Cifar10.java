package org.cotangent.nn.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.cotangent.autograd.shape.Shape;

/// CIFAR-10 in its binary version (Krizhevsky: Learning Multiple Layers of Features from Tiny
/// Images, 2009): colour photographs of ten kinds of things, 32 x 32 pixels.
///
/// A record of a file is one byte, the class, and 3072 of pixels: 1024 red ones row by row, then
/// green, then blue.
///
/// ```java
/// Cifar10 cifar = Cifar10.read(Path.of("cifar-10-binary.tar.gz"));
/// Batch b = cifar.train().batch(0, 1); // F32 [2, 3, 32, 32] from 0 to 255, I32 [2]
/// ```
///
/// @param train of `data_batch_1.bin` to `data_batch_5.bin`, as many of them as there are
/// @param test of `test_batch.bin`
/// @param classes the names of the classes
public record Cifar10(ByteImages train, ByteImages test, List<String> classes) {
  /// The names that the data set is published with.
  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final Shape IMAGE = Shape.of(3, 32, 32);
  private static final int RECORD = 1 + 3 * 32 * 32;
  private static final int MAX_RECORDS = 10_000;
  private static final String TEST = "test_batch.bin";
  private static final String NAMES = "batches.meta.txt";
  private static final Pattern WANTED =
      Pattern.compile("data_batch_[1-5]\\.bin|test_batch\\.bin|batches\\.meta\\.txt");

  public Cifar10 {
    classes = List.copyOf(classes);
  }

  /// Reads the folder in which the files are, or the archive as it is published,
  /// `cifar-10-binary.tar.gz`, which is not unpacked.
  ///
  /// @throws BadDataException if a file is not what it should be, or the archive lacks one
  /// @throws IOException if a file is missing or cannot be read
  public static Cifar10 read(Path folderOrArchive) throws IOException {
    if (Files.notExists(folderOrArchive)) {
      throw new NoSuchFileException(
          folderOrArchive.toString(),
          null,
          "no such file; expected the folder cifar-10-batches-bin or cifar-10-binary.tar.gz");
    }
    if (Files.isDirectory(folderOrArchive)) {
      return readFolder(folderOrArchive);
    }
    try (InputStream in = Files.newInputStream(folderOrArchive)) {
      return read(in, folderOrArchive.toString());
    }
  }

  /// Reads a stream of the published archive, compressed with gzip. The stream is left open.
  ///
  /// @param name what messages call it
  /// @throws BadDataException if the archive or a file in it is not what it should be
  /// @throws IOException if reading fails
  @SuppressWarnings("resource") // the caller owns the stream
  public static Cifar10 read(InputStream in, String name) throws IOException {
    var raw = new BufferedInputStream(in);
    raw.mark(2);
    if (raw.read() != 0x1F || raw.read() != 0x8B) {
      throw new BadDataException(
          name, "byte 0", "an archive compressed by gzip, beginning 1f 8b", "something else");
    }
    raw.reset();
    return Gzip.read(raw, name, unpacked -> readArchive(new Tar(unpacked, name), name));
  }

  private static Cifar10 readArchive(Tar tar, String archive) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (Optional<Tar.Entry> e = tar.next(); e.isPresent(); e = tar.next()) {
      Tar.Entry entry = e.get();
      String path = entry.name();
      String name = path.substring(path.lastIndexOf('/') + 1);
      if (!WANTED.matcher(name).matches()) {
        continue;
      }
      checkSize(archive + ", " + path, name, entry.size());
      if (files.put(name, tar.read(entry)) != null) {
        throw new BadDataException(archive, path, "one file " + name, "two of this name");
      }
    }
    if (!files.containsKey(TEST) || files.keySet().stream().noneMatch(n -> n.startsWith("data"))) {
      throw new BadDataException(
          archive,
          "the archive",
          "data_batch_1.bin to data_batch_5.bin or some of them, and " + TEST,
          files.isEmpty() ? "none of them" : String.join(", ", files.keySet()));
    }
    return of(files, archive + ", ");
  }

  private static Cifar10 readFolder(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
      for (Path path : paths) {
        String name = String.valueOf(path.getFileName());
        if (WANTED.matcher(name).matches() && !Files.isDirectory(path)) {
          checkSize(path.toString(), name, Files.size(path));
          files.put(name, Files.readAllBytes(path));
        }
      }
    }
    for (String needed : List.of(TEST, "data_batch_1.bin")) {
      if (files.keySet().stream().noneMatch(n -> n.charAt(0) == needed.charAt(0))) {
        throw new NoSuchFileException(
            folder.resolve(needed).toString(),
            null,
            "no such file; a folder of CIFAR-10 holds data_batch_1.bin and so on, and " + TEST);
      }
    }
    return of(files, folder + folder.getFileSystem().getSeparator());
  }

  private static void checkSize(String file, String name, long bytes) {
    boolean text = name.equals(NAMES);
    boolean fits =
        text
            ? bytes <= RECORD // ten words
            : bytes > 0 && bytes % RECORD == 0 && bytes / RECORD <= MAX_RECORDS;
    if (!fits) {
      throw new BadDataException(
          file,
          "size",
          text
              ? "ten names in at most %d bytes".formatted(RECORD)
              : "1 to %d records of %d bytes".formatted(MAX_RECORDS, RECORD),
          bytes + " bytes");
    }
  }

  private static Cifar10 of(Map<String, byte[]> files, String folder) {
    Map<String, byte[]> train = new TreeMap<>(files);
    byte[] names = train.remove(NAMES);
    byte[] test = train.remove(TEST);
    return new Cifar10(
        images(train, folder),
        images(test == null ? Map.of() : Map.of(TEST, test), folder),
        names == null ? CLASSES : classes(names, folder + NAMES));
  }

  private static ByteImages images(Map<String, byte[]> files, String folder) {
    int n = files.values().stream().mapToInt(f -> f.length / RECORD).sum();
    byte[] pixels = new byte[n * (RECORD - 1)]; // 6 files of 10,000 records: 184 MB
    int[] labels = new int[n];
    int image = 0;
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] bytes = file.getValue();
      for (int at = 0; at < bytes.length; at += RECORD) {
        if (bytes[at] < 0 || bytes[at] >= CLASSES.size()) {
          throw new BadDataException(
              folder + file.getKey(),
              "byte " + at,
              "a class from 0 to 9",
              Integer.toString(bytes[at] & 0xFF));
        }
        labels[image] = bytes[at];
        System.arraycopy(bytes, at + 1, pixels, image * (RECORD - 1), RECORD - 1);
        image++;
      }
    }
    return new ByteImages(IMAGE, pixels, labels);
  }

  private static List<String> classes(byte[] text, String file) {
    List<String> names = new String(text, StandardCharsets.UTF_8).strip().lines().toList();
    if (names.size() != CLASSES.size()) {
      throw new BadDataException(
          file, "lines", "a name for each of 10 classes", Integer.toString(names.size()));
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isBlank()) {
        throw new BadDataException(file, "line " + (i + 1), "a name", "nothing");
      }
    }
    return names.stream().map(String::strip).toList();
  }
}
