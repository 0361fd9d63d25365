package org.cotangent.apps.labs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.io.Tensors;

/// Points of the plane in classes, with the weights from which a network starts on them; F64.
///
/// @param trainX points to learn from, `[n, 2]`
/// @param trainT their classes, I64 `[n]`
/// @param testX points to judge by, `[m, 2]`
/// @param testT their classes, I64 `[m]`
/// @param start the first weights, by the names of [Mlp]
public record Planar(
    Tensor trainX, Tensor trainT, Tensor testX, Tensor testT, Map<String, Tensor> start) {

  /// The four points of exclusive or, with the lab's first weights; judged by the same points.
  public static Planar labXor() {
    Map<String, Tensor> lab = resource("xor.safetensors");
    Tensor x = at(lab, "x");
    Tensor t = at(lab, "t").argmax(-1);
    return new Planar(x, t, x, t, Mlp.startOf(lab, 2));
  }

  /// Exclusive or with first weights of a seed.
  public static Planar xor(long seed) {
    Tensor x = Tensor.of(new double[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}});
    Tensor t = Tensor.of(0L, 1L, 1L, 0L);
    return new Planar(x, t, x, t, Mlp.draw(Rng.of(seed), DType.F64, 2, 4, 2));
  }

  /// The lab's two spirals of 3 x 100 points and first weights.
  public static Planar labSpiral() {
    Map<String, Tensor> lab = resource("spiral.safetensors");
    return new Planar(
        at(lab, "train.x"),
        at(lab, "train.t").argmax(-1),
        at(lab, "test.x"),
        at(lab, "test.t").argmax(-1),
        Mlp.startOf(lab, 2));
  }

  /// New spirals and first weights of a seed, by the lab's recipe.
  public static Planar spiral(long seed) {
    Rng rng = Rng.of(seed);
    Tensor t = Tensor.arange(3).unsqueeze(1).expand(3, ARM).reshape(-1);
    return new Planar(
        spiralPoints(rng.split()),
        t,
        spiralPoints(rng.split()),
        t,
        Mlp.draw(rng.split(), DType.F64, 2, 10, 3));
  }

  private static final int ARM = 100; // points of a class

  /// Three arms: radius from 0 to 2.5, angle from 4c to 4(c + 1) for class c, noise 0.2.
  private static Tensor spiralPoints(Rng rng) {
    Tensor r = Tensor.linspace(0, 2.5, ARM, DType.F64);
    Tensor turn = Tensor.linspace(0, 4, ARM, DType.F64);
    Tensor begin = Tensor.arange(0, 12, 4, DType.F64).unsqueeze(1);
    Tensor noise = rng.normal(Shape.of(3, ARM), DType.F64).mul(0.2);
    Tensor angle = begin.add(turn).add(noise);
    return Tensor.stack(-1, r.mul(angle.sin()), r.mul(angle.cos())).reshape(-1, 2);
  }

  private static Tensor at(Map<String, Tensor> lab, String name) {
    Tensor t = lab.get(name);
    if (t == null) {
      throw new IllegalStateException("the lab's resource lacks " + name);
    }
    return t;
  }

  private static Map<String, Tensor> resource(String name) {
    try (InputStream in = Planar.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing from the jar");
      }
      return Tensors.read(in, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
