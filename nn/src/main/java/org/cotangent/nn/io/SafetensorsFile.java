package org.cotangent.nn.io;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/// What a safetensors file holds: named arrays, in the order of its header, and free text about
/// them. Immutable.
public final class SafetensorsFile {
  private final String source;
  private final Map<String, SafetensorsEntry> entries;
  private final Map<String, String> metadata;

  SafetensorsFile(
      String source, Map<String, SafetensorsEntry> entries, Map<String, String> metadata) {
    this.source = source;
    this.entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /// The names of all entries, in the order of the file's header.
  public Set<String> names() {
    return entries.keySet();
  }

  /// All entries, in the order of the file's header.
  public Collection<SafetensorsEntry> entries() {
    return entries.values();
  }

  /// The entry of that name.
  ///
  /// @throws NoSuchElementException if the file holds no such entry; the message lists what it has
  public SafetensorsEntry entry(String name) {
    SafetensorsEntry entry = entries.get(name);
    if (entry == null) {
      throw new NoSuchElementException(
          source + ": no tensor '" + name + "'; it holds " + entries.keySet());
    }
    return entry;
  }

  /// The text that the file carries under `__metadata__`; empty if none.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// Whether it has a checksum, which was right then ([Safetensors#writeChecked]).
  public boolean isChecked() {
    return metadata.containsKey(Checksum.KEY);
  }
}
