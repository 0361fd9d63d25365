package org.cotangent.apps;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.apps.support.ClassPoints;
import org.cotangent.apps.support.Classifier;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Module;

/// Networks and data of the plane, as pictures want them.
final class Plane {
  private Plane() {}

  /// The probabilities that a network of logits gives to points.
  static Classifier classifier(Module net) {
    return points -> {
      Tensor p = Grad.without(() -> net.forward(Tensor.of(points)).softmax(-1));
      double[] all = p.toDoubleArray();
      int classes = p.dim(1);
      double[][] rows = new double[points.length][classes];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(all, i * classes, rows[i], 0, classes);
      }
      return rows;
    };
  }

  /// The points of each class.
  static ClassPoints[] points(Tensor x, Tensor t, int classes) {
    double[] xy = x.toDoubleArray();
    int[] of = t.toIntArray();
    List<ClassPoints> result = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      List<Double> first = new ArrayList<>();
      List<Double> second = new ArrayList<>();
      for (int i = 0; i < of.length; i++) {
        if (of[i] == c) {
          first.add(xy[2 * i]);
          second.add(xy[2 * i + 1]);
        }
      }
      result.add(new ClassPoints("class " + c, array(first), array(second)));
    }
    return result.toArray(ClassPoints[]::new);
  }

  private static double[] array(List<Double> v) {
    return v.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
