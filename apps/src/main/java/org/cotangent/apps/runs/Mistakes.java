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

  /// How many letters to add, drop, replace or swap with their neighbour: the distance of Damerau
  /// and Levenshtein, for swaps of letters that stay where they are.
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
