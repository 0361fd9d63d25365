package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.shape.DType;

/// Consecutive steps of a program that a written loop ([Kernel]) does at once, between steps that
/// have loops of their own.
///
/// @param first the first step
/// @param last the last
/// @param arrays the registers that it reads from arrays, then those that it writes
/// @param numbers the registers that hold one number everywhere
record Stretch(int first, int last, Kernel kernel, int[] arrays, int[] numbers) {
  /// A single step is as well off with its own loop.
  private static final int SHORTEST = 2;

  /// The stretches of a program for which loops are ready, by their first step; the other places
  /// are empty.
  ///
  /// @param dtype of each register
  /// @param number for each register, whether it is one number everywhere
  static List<Optional<Stretch>> of(
      Expr program, DType[] dtype, boolean[] number, int size, Kernels kernels) {
    List<Expr.Step> steps = program.steps();
    List<Optional<Stretch>> found = new ArrayList<>();
    for (int s = 0; s < steps.size(); ) {
      int end = s;
      while (end < steps.size() && KernelWriter.canWrite(steps.get(end))) {
        end++;
      }
      Optional<Stretch> here =
          end - s >= SHORTEST
              ? new Cut(program, dtype, number, s, end).find(size, kernels)
              : Optional.empty();
      found.add(here);
      for (s++; s < end; s++) {
        found.add(Optional.empty());
      }
    }
    return found;
  }

  /// Makes a program of some steps of another.
  private static final class Cut {
    private final Expr program;
    private final DType[] dtype;
    private final boolean[] number;
    private final int first;
    private final int end;
    private final int firstStep;
    private final List<Integer> outside = new ArrayList<>(); // registers that come from before

    Cut(Expr program, DType[] dtype, boolean[] number, int first, int end) {
      this.program = program;
      this.dtype = dtype;
      this.number = number;
      this.first = first;
      this.end = end;
      this.firstStep = program.inputs() + program.constants().size();
    }

    Optional<Stretch> find(int size, Kernels kernels) {
      List<Expr.Step> steps = program.steps();
      for (Expr.Step s : steps.subList(first, end)) {
        for (int r : new int[] {s.a(), s.b(), s.c()}) {
          if (r >= 0 && r < firstStep + first && !outside.contains(r)) {
            outside.add(r);
          }
        }
      }
      List<Integer> results = new ArrayList<>();
      for (int s = first; s < end; s++) {
        if (isReadLater(firstStep + s)) {
          results.add(firstStep + s);
        }
      }
      if (results.isEmpty()) { // nobody asks for these steps
        return Optional.empty();
      }
      List<Expr.Step> own = new ArrayList<>();
      for (Expr.Step s : steps.subList(first, end)) {
        own.add(new Expr.Step(s.op(), s.dtype(), own(s.a()), own(s.b()), own(s.c())));
      }
      Expr part =
          new Expr(outside.size(), List.of(), own, results.stream().map(this::own).toList());
      boolean[] isNumber = new boolean[outside.size()];
      int numbers = 0;
      for (int k = 0; k < isNumber.length; k++) {
        isNumber[k] = number[outside.get(k)];
        numbers += isNumber[k] ? 1 : 0;
        if (dtype[outside.get(k)] != dtype[firstStep + end - 1]) {
          return Optional.empty();
        }
      }
      int[] arrays = new int[outside.size() - numbers + results.size()];
      int[] single = new int[numbers];
      int a = 0;
      int b = 0;
      for (int k = 0; k < isNumber.length; k++) {
        if (isNumber[k]) {
          single[b++] = outside.get(k);
        } else {
          arrays[a++] = outside.get(k);
        }
      }
      for (int r : results) {
        arrays[a++] = r;
      }
      return kernels
          .find(part, isNumber, size)
          .map(k -> new Stretch(first, end - 1, k, arrays, single));
    }

    private boolean isReadLater(int register) {
      boolean read = program.results().contains(register);
      for (Expr.Step s : program.steps().subList(end, program.steps().size())) {
        read |= s.a() == register || s.b() == register || s.c() == register;
      }
      return read;
    }

    private int own(int register) {
      if (register < 0) {
        return -1;
      }
      return register < firstStep + first
          ? outside.indexOf(register)
          : outside.size() + register - firstStep - first;
    }
  }
}
