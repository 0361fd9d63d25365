package org.cotangent.apps.runs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.cotangent.apps.support.CommandFailure;

/// Gathers what is wrong in a file, so that a person hears of all of it at once.
final class Mistakes {
  private record Mistake(int line, String text) {}

  private final String file;
  private final List<Mistake> found = new ArrayList<>();

  Mistakes(String file) {
    this.file = file;
  }

  /// @param line counted from 1
  void add(int line, String text) {
    found.add(new Mistake(line, text));
  }

  /// @throws CommandFailure with all mistakes, in the order of the file, if there are any
  void throwIfAny() {
    if (found.isEmpty()) {
      return;
    }
    found.sort(Comparator.comparingInt(Mistake::line));
    var message = new StringBuilder(file).append(found.size() == 1 ? ":" : ": mistakes:");
    for (Mistake m : found) {
      message.append(found.size() == 1 ? " " : "\n  ");
      message.append("line ").append(m.line).append(": ").append(m.text);
    }
    throw new CommandFailure(message.toString());
  }

  /// The name that somebody who wrote `word` most likely meant: at most a third of its letters
  /// differ.
  static Optional<String> nearest(String word, Collection<String> names) {
    return names.stream()
        .filter(n -> 3 * distance(word, n) <= Math.max(word.length(), n.length()))
        .min(Comparator.comparingInt(n -> distance(word, n)));
  }

  /// Levenshtein's distance: how many letters to add, drop or replace.
  private static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      before[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] now = new int[b.length() + 1];
      now[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(replaced, 1 + Math.min(before[j], now[j - 1]));
      }
      before = now;
    }
    return before[b.length()];
  }
}
