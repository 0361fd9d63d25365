package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Indexing;
import org.cotangent.autograd.Special;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Element by element.
final class ElementwiseReplays {
  private ElementwiseReplays() {}

  static void addTo(Map<String, Replay> table) {
    unary(table, "abs", Tensor::abs);
    unary(table, "acos", Tensor::acos);
    unary(table, "acosh", Special::acosh);
    unary(table, "asin", Tensor::asin);
    unary(table, "asinh", Special::asinh);
    unary(table, "atan", Tensor::atan);
    unary(table, "atanh", Special::atanh);
    unary(table, "ceil", Tensor::ceil);
    unary(table, "cos", Tensor::cos);
    unary(table, "cosh", Tensor::cosh);
    unary(table, "erf", Special::erf);
    unary(table, "erfc", Special::erfc);
    unary(table, "exp", Tensor::exp);
    unary(table, "exp2", Special::exp2);
    unary(table, "expm1", Tensor::expm1);
    unary(table, "floor", Tensor::floor);
    unary(table, "frac", Special::frac);
    unary(table, "log", Tensor::log);
    unary(table, "log10", Special::log10);
    unary(table, "log1p", Tensor::log1p);
    unary(table, "log2", Special::log2);
    unary(table, "neg", Tensor::neg);
    unary(table, "reciprocal", Tensor::reciprocal);
    unary(table, "rsqrt", Tensor::rsqrt);
    unary(table, "sgn", Tensor::sign);
    unary(table, "sigmoid", Tensor::sigmoid);
    unary(table, "sign", Tensor::sign);
    unary(table, "sin", Tensor::sin);
    unary(table, "sinc", Special::sinc);
    unary(table, "sinh", Tensor::sinh);
    unary(table, "sqrt", Tensor::sqrt);
    unary(table, "square", Tensor::square);
    unary(table, "tan", Tensor::tan);
    unary(table, "tanh", Tensor::tanh);
    unary(table, "trunc", Special::trunc);
    table.put("round", Replay.one(ElementwiseReplays::round));
    table.put("logit", Replay.one(ElementwiseReplays::logit));

    binary(table, "atan2", Tensor::atan2);
    binary(table, "div.no_rounding_mode", Tensor::div);
    binary(table, "float_power", Special::floatPower);
    binary(table, "fmax", Special::fmax);
    binary(table, "fmin", Special::fmin);
    binary(table, "hypot", Special::hypot);
    binary(table, "logaddexp", Special::logAddExp);
    binary(table, "max.binary", Tensor::maximum);
    binary(table, "maximum", Tensor::maximum);
    binary(table, "min.binary", Tensor::minimum);
    binary(table, "minimum", Tensor::minimum);
    binary(table, "mul", Tensor::mul);
    binary(table, "pow", Tensor::pow);
    binary(table, "true_divide", Tensor::div);
    binary(table, "xlogy", Special::xlogy);

    table.put("add", Replay.one(a -> a.tensor(0, "input").add(scaled(a))));
    table.put("sub", Replay.one(a -> a.tensor(0, "input").sub(scaled(a))));
    table.put("clamp", Replay.one(a -> clamped(a, bound(a, 1, "min"), bound(a, 2, "max"))));
    table.put("clamp_min", Replay.one(a -> clamped(a, bound(a, 1, "min"), Optional.empty())));
    table.put("clamp_max", Replay.one(a -> clamped(a, Optional.empty(), bound(a, 1, "max"))));
    table.put("lerp", Replay.one(ElementwiseReplays::lerp));
    table.put(
        "where",
        Replay.one(a -> Tensor.where(a.tensor(1, "condition"), a.tensor(0, "input"), other(a, 2))));
    table.put("masked_fill", Replay.one(ElementwiseReplays::maskedFill));
    table.put(
        "addcmul",
        Replay.one(a ->
            Special.addcmul(
                a.tensor(0, "input"),
                a.tensor(1, "tensor1"),
                a.tensor(2, "tensor2"),
                a.number(-1, "value", 1))));
    table.put(
        "addcdiv",
        Replay.one(a ->
            Special.addcdiv(
                a.tensor(0, "input"),
                a.tensor(1, "tensor1"),
                a.tensor(2, "tensor2"),
                a.number(-1, "value", 1))));
  }

  private static void unary(Map<String, Replay> table, String name, UnaryOperator<Tensor> f) {
    table.put(name, Replay.one(a -> f.apply(a.tensor(0, "input"))));
  }

  private static void binary(Map<String, Replay> table, String name, BinaryOperator<Tensor> f) {
    table.put(name, Replay.one(a -> f.apply(a.operand(0, "input", DType.F64), other(a, 1))));
  }

  private static Tensor other(Args a, int position) {
    return a.operand(position, "other", DType.F64);
  }

  /// `alpha * other`
  private static Tensor scaled(Args a) {
    return other(a, 1).mul(a.number(2, "alpha", 1));
  }

  private static Optional<Tensor> bound(Args a, int position, String name) {
    return a.has(position, name)
        ? Optional.of(a.operand(position, name, DType.F64))
        : Optional.empty();
  }

  private static Tensor clamped(Args a, Optional<Tensor> lo, Optional<Tensor> hi) {
    Tensor x = a.tensor(0, "input");
    Tensor above = lo.isPresent() ? Special.clampMin(x, lo.get()) : x;
    return hi.isPresent() ? Special.clampMax(above, hi.get()) : above;
  }

  private static Tensor round(Args a) {
    double unit = Math.pow(10, a.integer(-1, "decimals", 0));
    Tensor x = a.tensor(0, "input");
    return unit == 1 ? x.round() : x.mul(unit).round().div(unit);
  }

  private static Tensor logit(Args a) {
    Tensor x = a.tensor(0, "input");
    return a.has(1, "eps") ? Special.logit(x, a.number(1, "eps")) : Special.logit(x);
  }

  private static Tensor lerp(Args a) {
    Tensor x = a.tensor(0, "input");
    Tensor end = a.tensor(1, "end");
    return a.find(2, "weight").orElseThrow() instanceof Arg.OfTensor(Tensor w)
        ? Special.lerp(x, end, w)
        : Special.lerp(x, end, a.number(2, "weight"));
  }

  private static Tensor maskedFill(Args a) {
    Tensor x = a.tensor(0, "input");
    Tensor mask = a.tensor(1, "mask");
    return a.find(2, "value").orElseThrow() instanceof Arg.OfTensor(Tensor v)
        ? Tensor.where(mask, v, x)
        : Indexing.maskedFill(x, mask, a.number(2, "value"));
  }
}
