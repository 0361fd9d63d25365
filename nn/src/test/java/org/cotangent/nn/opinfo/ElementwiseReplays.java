package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Element by element.
final class ElementwiseReplays {
  private ElementwiseReplays() {}

  static void addTo(Map<String, Replay> table) {
    unary(table, "abs", Tensor::abs);
    unary(table, "acos", Tensor::acos);
    unary(table, "asin", Tensor::asin);
    unary(table, "atan", Tensor::atan);
    unary(table, "ceil", Tensor::ceil);
    unary(table, "cos", Tensor::cos);
    unary(table, "cosh", Tensor::cosh);
    unary(table, "exp", Tensor::exp);
    unary(table, "expm1", Tensor::expm1);
    unary(table, "floor", Tensor::floor);
    unary(table, "log", Tensor::log);
    unary(table, "log1p", Tensor::log1p);
    unary(table, "neg", Tensor::neg);
    unary(table, "reciprocal", Tensor::reciprocal);
    unary(table, "round", Tensor::round);
    unary(table, "rsqrt", Tensor::rsqrt);
    unary(table, "sigmoid", Tensor::sigmoid);
    unary(table, "sign", Tensor::sign);
    unary(table, "sin", Tensor::sin);
    unary(table, "sinh", Tensor::sinh);
    unary(table, "sqrt", Tensor::sqrt);
    unary(table, "square", Tensor::square);
    unary(table, "tan", Tensor::tan);
    unary(table, "tanh", Tensor::tanh);

    binary(table, "atan2", Tensor::atan2);
    binary(table, "max.binary", Tensor::maximum);
    binary(table, "maximum", Tensor::maximum);
    binary(table, "min.binary", Tensor::minimum);
    binary(table, "minimum", Tensor::minimum);
    binary(table, "mul", Tensor::mul);
    binary(table, "pow", Tensor::pow);
  }

  private static void unary(Map<String, Replay> table, String name, UnaryOperator<Tensor> f) {
    table.put(name, Replay.one(a -> f.apply(a.tensor(0, "input"))));
  }

  private static void binary(Map<String, Replay> table, String name, BinaryOperator<Tensor> f) {
    table.put(
        name,
        Replay.one(
            a -> f.apply(a.operand(0, "input", DType.F64), a.operand(1, "other", DType.F64))));
  }
}
