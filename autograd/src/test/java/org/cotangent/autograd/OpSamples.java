package org.cotangent.autograd;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Samples of every operation there is, which is what enrols an operation in every property.
///
/// The kinds of operation are found by reflection on the sealed [Op], so none can be forgotten; a
/// switch without a default hands each its samples, so a new one does not compile without.
final class OpSamples {
  private OpSamples() {}

  /// One instance of every operation: each constant of each enum, and of each record one with
  /// placeholders as parameters.
  static List<Op> kinds() {
    List<Op> kinds = new ArrayList<>();
    collect(Op.class, kinds);
    return kinds;
  }

  private static void collect(Class<?> type, List<Op> to) {
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        to.add((Op) constant);
      }
    } else if (type.isRecord()) {
      to.add((Op) placeholder(type));
    } else {
      for (Class<?> sub : type.getPermittedSubclasses()) {
        collect(sub, to);
      }
    }
  }

  private static Object placeholder(Class<?> record) {
    RecordComponent[] components = record.getRecordComponents();
    try {
      Constructor<?> constructor =
          record.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      return constructor.newInstance(
          Arrays.stream(components).map(c -> placeholderValue(c.getType())).toArray());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no placeholder for the parameters of " + record.getName(), e);
    }
  }

  private static Object placeholderValue(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "int" -> 1;
      case "double" -> 1.0;
      case "boolean" -> false;
      case "Shape" -> Shape.SCALAR;
      case "Axes" -> Axes.permutation(Shape.SCALAR);
      case "DType" -> DType.F64;
      case "Kind" -> Op.Conv.Kind.OUTPUT;
      case "Sliding" -> new Sliding(1, 1, 1, 1, 1, 0);
      default -> throw new AssertionError("teach placeholderValue the type " + type.getName());
    };
  }

  /// Samples of all operations.
  static List<OpSample> all(long seed) {
    List<OpSample> all = new ArrayList<>();
    for (Op kind : kinds()) {
      // Drawn apart from the others, so that adding an operation leaves their numbers as they were.
      all.addAll(of(kind, new Draw(seed * 1_000_003 + Node.name(kind).hashCode())));
    }
    return all;
  }

  /// Samples of all operations of the kind of `kind`, whose parameters are ignored.
  static List<OpSample> of(Op kind, Draw draw) {
    return switch (kind) {
      case Op.Unary f -> ElementwiseSamples.unary(f, draw);
      case Op.Binary f -> ElementwiseSamples.binary(f, draw);
      case Op.Compare f -> ElementwiseSamples.compare(f, draw);
      case Op.Logical f -> ElementwiseSamples.logical(f, draw);
      case Op.Where _ -> ElementwiseSamples.where(draw);
      case Op.Clamp _ -> ElementwiseSamples.clamp(draw);
      case Op.Cast _ -> ElementwiseSamples.cast(draw);
      case Op.Sum _ -> ReductionSamples.sum(draw);
      case Op.Expand _ -> MovementSamples.expand(draw);
      case Op.Reshape _ -> MovementSamples.reshape(draw);
      case Op.Permute _ -> MovementSamples.permute(draw);
      case Op.Slice _ -> MovementSamples.slice(draw);
      case Op.Embed _ -> MovementSamples.embed(draw);
      case Op.Concat _ -> MovementSamples.concat(draw);
      case Op.Gather _ -> MovementSamples.gather(draw);
      case Op.ScatterAdd _ -> MovementSamples.scatterAdd(draw);
      case Op.IndexSelect _ -> MovementSamples.indexSelect(draw);
      case Op.IndexAdd _ -> MovementSamples.indexAdd(draw);
      case Op.MatMul _ -> ReductionSamples.matmul(draw);
      case Op.Max _ -> ReductionSamples.max(draw);
      case Op.LogSumExp _ -> ReductionSamples.logSumExp(draw);
      case Op.SoftmaxCrossEntropy _ -> ReductionSamples.softmaxCrossEntropy(draw);
      case Op.Softmax _ -> ReductionSamples.softmax(draw);
      case Op.ArgMax _ -> ReductionSamples.argMax(draw);
      case Op.Cholesky _ -> FactorSamples.cholesky(draw);
      case Op.TriangularSolve _ -> FactorSamples.triangularSolve(draw);
      case Op.Lu _ -> FactorSamples.lu(draw);
      case Op.Solve _ -> FactorSamples.solve(draw);
      case Op.CumSum _ -> OrderSamples.cumSum(draw);
      case Op.ArgSort _ -> OrderSamples.argSort(draw);
      case Op.Windows _ -> MovementSamples.windows(draw);
      case Op.OverlapAdd _ -> MovementSamples.overlapAdd(draw);
      case Op.Conv _ -> ConvSamples.conv(draw);
      case Op.ArgMaxPool _ -> ConvSamples.argMaxPool(draw);
      case Op.Moments _ -> ReductionSamples.moments(draw);
    };
  }

  /// Runs a check over the samples that fit, and fails once, naming the samples that did not pass.
  static void check(long seed, Predicate<OpSample> which, Consumer<OpSample> check) {
    int checked = 0;
    List<AssertionError> failures = new ArrayList<>();
    for (OpSample s : all(seed)) {
      if (!which.test(s)) {
        continue;
      }
      checked++;
      try {
        check.accept(s);
      } catch (AssertionError | RuntimeException e) {
        var failure = new AssertionError(s + ": " + e.getMessage());
        failure.setStackTrace(e.getStackTrace());
        failures.add(failure);
      }
    }
    if (checked == 0) {
      throw new AssertionError("no sample fits: the property would check nothing");
    }
    if (!failures.isEmpty()) {
      var report = new StringBuilder("%d of %d samples:".formatted(failures.size(), checked));
      failures.stream().limit(20).forEach(f -> report.append("\n  ").append(f.getMessage()));
      var all = new AssertionError(report.toString());
      failures.stream().limit(20).forEach(all::addSuppressed);
      throw all;
    }
  }
}
