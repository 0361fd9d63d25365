package org.cotangent.nn.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.Safetensors;
import org.cotangent.nn.io.SafetensorsEntry;
import org.cotangent.nn.io.SafetensorsFile;
import org.cotangent.nn.io.Tensors;

/// All that a run needs to go on to the bit, as one safetensors file with a checksum.
///
/// @param step how many steps the run has made
/// @param state tensors by name; those of a [Trainer] begin with `net.`, `optimizer.`, `average.`,
///   `plateau.`, `generators.` or `progress.`
/// @param metadata what the user wants to keep with it
public record Checkpoint(long step, Map<String, Tensor> state, Map<String, String> metadata) {
  private static final String STEP = "cotangent.step";
  private static final String RESERVED = "cotangent.";

  /// @throws IllegalArgumentException if the step is negative, or a key of the metadata begins with
  ///   `cotangent.`, which is ours
  public Checkpoint {
    if (step < 0) {
      throw new IllegalArgumentException("Checkpoint: the step %d is negative".formatted(step));
    }
    for (String key : metadata.keySet()) {
      if (key.startsWith(RESERVED)) {
        throw new IllegalArgumentException(
            "Checkpoint: the metadata's key '%s' begins with '%s', which is reserved"
                .formatted(key, RESERVED));
      }
    }
    state = Collections.unmodifiableMap(new LinkedHashMap<>(state));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /// What it holds under names that begin with that of a part and a dot, without these: of `net`,
  /// what [org.cotangent.nn.Module#load] takes.
  public SequencedMap<String, Tensor> part(String name) {
    return Part.of(state, name);
  }

  /// Writes it to a file, which appears whole or not at all.
  ///
  /// @throws IOException if writing fails; what stood there before is intact
  public void write(Path file) throws IOException {
    List<SafetensorsEntry> entries = new ArrayList<>();
    state.forEach((name, t) -> entries.add(Tensors.entry(name, t)));
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.put(STEP, Long.toString(step));
    Safetensors.writeChecked(file, entries, texts);
  }

  /// Reads one.
  ///
  /// @throws BadDataException if the file is not a whole checkpoint, or its checksum is another
  /// @throws IOException if it is missing or cannot be read
  public static Checkpoint read(Path file) throws IOException {
    SafetensorsFile read = Safetensors.read(file);
    Map<String, String> metadata = new LinkedHashMap<>(read.metadata());
    String step = metadata.getOrDefault(STEP, "nothing");
    if (!step.matches("[0-9]{1,18}") || !read.isChecked()) {
      throw new BadDataException(
          file.toString(),
          "header, __metadata__",
          "the step and checksum of a checkpoint",
          "'%s' and %s checksum".formatted(step, read.isChecked() ? "a" : "no"));
    }
    metadata.keySet().removeIf(key -> key.startsWith(RESERVED));
    return new Checkpoint(Long.parseLong(step), Tensors.of(read), metadata);
  }
}
