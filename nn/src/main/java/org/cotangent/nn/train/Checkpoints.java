package org.cotangent.nn.train;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The checkpoints of one run in a folder of their own: `step-000000001200.safetensors` and the
/// like, of which the newest few are kept. A file is there whole or not at all, whenever the
/// process or the machine dies.
///
/// The folder is for one process at a time: leftovers of writers that died are deleted.
public final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String NAMES = "step-[0-9]{12,18}\\.safetensors";
  private static final int KEPT = 3;

  private final Path folder;
  private final int kept;
  private final Set<Path> damaged = new HashSet<>();

  /// A checkpoint that was found.
  ///
  /// @param skipped newer ones that cannot be used, the newest first
  public record Found(Path file, Checkpoint checkpoint, List<Skipped> skipped) {
    /// Copies the list.
    public Found {
      skipped = List.copyOf(skipped);
    }
  }

  /// A file that cannot be used, and why.
  public record Skipped(Path file, String reason) {}

  private Checkpoints(Path folder, int kept) {
    this.folder = folder;
    this.kept = kept;
  }

  /// Those of a folder, which the first one that is saved makes. The newest three are kept.
  public static Checkpoints in(Path folder) {
    return new Checkpoints(folder, KEPT);
  }

  /// The same with another number of newest ones that are kept.
  ///
  /// @throws IllegalArgumentException if that is below 1
  public Checkpoints keep(int newest) {
    if (newest < 1) {
      throw new IllegalArgumentException(
          "Checkpoints: keep(%d); it must be 1 or more".formatted(newest));
    }
    return new Checkpoints(folder, newest);
  }

  /// The folder.
  public Path folder() {
    return folder;
  }

  /// The files there are, the newest first: those of most steps.
  public List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> all =
          Files.newDirectoryStream(folder, p -> String.valueOf(p.getFileName()).matches(NAMES))) {
        all.forEach(files::add);
      }
    }
    files.sort(Comparator.comparingLong(Checkpoints::step).reversed());
    return files;
  }

  private static long step(Path file) {
    return Long.parseLong(String.valueOf(file.getFileName()).replaceAll("[^0-9]", ""));
  }

  /// Saves one, and deletes those that are too old then. Newer ones stay: a run that goes on from
  /// an earlier one should have a folder of its own.
  ///
  /// @return its file
  /// @throws IOException if that fails; the ones before are intact
  public Path save(Checkpoint c) throws IOException {
    Path file = folder.resolve("step-%012d.safetensors".formatted(c.step()));
    try {
      Files.createDirectories(folder);
      AtomicFile.deleteLeftovers(folder);
      c.write(file);
    } catch (IOException e) {
      throw new IOException(
          "checkpoint: cannot write %s: %s; the ones before it are intact"
              .formatted(file, reason(e)),
          e);
    }
    damaged.remove(file);
    deleteOld(c.step());
    return file;
  }

  /// Deletes what is older than the newest few up to a step; damaged ones do not count.
  private void deleteOld(long step) throws IOException {
    int good = 0;
    for (Path f : files()) {
      if (step(f) > step) {
        continue;
      }
      if (good == kept) {
        delete(f);
      } else if (!damaged.contains(f)) {
        good++;
      }
    }
  }

  private void delete(Path old) {
    try {
      Files.deleteIfExists(old);
      damaged.remove(old);
    } catch (IOException e) { // no reason to end a run
      LOG.warn("checkpoint {} is too old, but cannot be deleted: {}", old, reason(e));
    }
  }

  /// The newest one that is whole; empty if there is none at all. A newer one that is damaged is
  /// skipped with a warning.
  ///
  /// @throws IOException if there are some and none can be used
  public Optional<Found> newest() throws IOException {
    List<Skipped> skipped = new ArrayList<>();
    for (Path file : files()) {
      try {
        return Optional.of(new Found(file, Checkpoint.read(file), skipped));
      } catch (BadDataException | IOException e) {
        LOG.warn("checkpoint {} cannot be used: {}; trying the one before", file, reason(e));
        skipped.add(new Skipped(file, reason(e)));
        damaged.add(file);
      }
    }
    if (!skipped.isEmpty()) {
      throw new IOException(
          "checkpoint: none of the %d in %s can be used, the newest because of this: %s; delete them to begin anew"
              .formatted(skipped.size(), folder, skipped.getFirst().reason()));
    }
    return Optional.empty();
  }

  /// What happened: the message of file system exceptions is often the path alone.
  private static String reason(Exception e) {
    String kind = e.getClass().getSimpleName();
    return kind + ": " + e.getMessage();
  }
}
