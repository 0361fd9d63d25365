package org.cotangent.nn.io;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// A file that appears whole or not at all. What is written goes to a temporary file in the same
/// folder; [#commit] forces it to the disk and renames it. Closed without that, it is deleted and
/// what stood under the name before stays. Ctrl-C counts as not committed: the temporary files that
/// are open then are deleted ([Shutdown]). A process that is killed leaves its own;
/// [#deleteLeftovers] finds them.
///
/// ```java
/// try (var file = AtomicFile.create(path)) {
///   image.writeTo(file.stream());
///   file.commit();
/// }
/// ```
///
/// For one thread.
public final class AtomicFile implements Closeable {
  private static final TemporaryFiles OPEN = new TemporaryFiles();
  private static final String TEMPORARY = "\\..+\\.[0-9a-f]{16}\\.part";
  private static final boolean IS_WINDOWS = File.separatorChar == '\\';

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final OutputStream stream;
  private boolean open = true;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
  }

  /// Opens a temporary file beside the target, whose folder must exist.
  ///
  /// @throws IOException if the target is a folder, or nothing can be created beside it
  public static AtomicFile create(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    Path name = absolute.getFileName();
    if (folder == null || name == null || Files.isDirectory(absolute)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "a folder is in the way; expected a file or nothing");
    }
    if (Files.notExists(folder)) {
      throw new NoSuchFileException(target.toString(), null, "its folder does not exist");
    }
    // Not Files.createTempFile: that makes files which only the owner may read, also once renamed.
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path temporary = folder.resolve("." + name + "." + random + ".part");
    return new AtomicFile(absolute, temporary, OPEN.create(temporary));
  }

  /// Where to write. Closing it is neither needed nor harmful before [#commit].
  public OutputStream stream() {
    return stream;
  }

  /// Makes what was written appear under the target's name, in one step, replacing what was there.
  ///
  /// @throws IllegalStateException if this file was committed or closed before
  public void commit() throws IOException {
    if (!open) {
      throw new IllegalStateException(target + " was already committed or closed");
    }
    stream.flush();
    channel.force(true); // else a crash could leave the new name with no contents
    channel.close();
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    open = false;
    OPEN.forget(temporary);
    forceFolder(target.resolveSibling("."));
  }

  /// Else the machine, if it fails now, could come back with the old name or none.
  private static void forceFolder(Path folder) throws IOException {
    if (IS_WINDOWS) {
      return; // it opens no folders, and its file systems keep renames in order
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Deletes temporary files in a folder that no process will commit: those of other processes,
  /// which must have ended, as this one cannot tell. Those that are open here stay.
  ///
  /// @throws IOException if the folder cannot be listed, or a file in it not be deleted
  public static void deleteLeftovers(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            absolute, p -> String.valueOf(p.getFileName()).matches(TEMPORARY))) {
      for (Path p : all) {
        if (!OPEN.has(p)) {
          Files.deleteIfExists(p);
        }
      }
    }
  }

  /// Deletes the temporary file unless it was committed.
  @Override
  public void close() throws IOException {
    if (!open) {
      return;
    }
    open = false;
    try {
      channel.close();
    } finally {
      Files.deleteIfExists(temporary);
      OPEN.forget(temporary);
    }
  }

  /// The temporary files that are open now, in all threads: process-wide because Ctrl-C is.
  private static final class TemporaryFiles {
    private final Set<Path> paths = new HashSet<>();
    private boolean hooked;
    private boolean shutDown;

    synchronized FileChannel create(Path path) throws IOException {
      if (shutDown) {
        throw new IOException("the program is being stopped; not creating " + path);
      }
      if (!hooked) {
        if (!Shutdown.last(this::deleteAll)) {
          throw new IOException("the program is being stopped; not creating " + path);
        }
        hooked = true;
      }
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      paths.add(path);
      return channel;
    }

    synchronized void forget(Path path) {
      paths.remove(path);
    }

    synchronized boolean has(Path path) {
      return paths.contains(path);
    }

    private synchronized void deleteAll() {
      shutDown = true;
      for (Path path : paths) {
        path.toFile().delete(); // best effort: nobody is left to tell
      }
    }
  }
}
