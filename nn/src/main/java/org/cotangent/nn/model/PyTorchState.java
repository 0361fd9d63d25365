package org.cotangent.nn.model;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Module;
import org.cotangent.nn.MultiHeadAttention;
import org.cotangent.nn.RecurrentCell;

/// PyTorch's parameters as ours: matrices of linear maps are `[out, in]` there and `[in, out]`
/// here, and those of recurrent layers are called `weight_ih_l0` there and `l0.weight_ih` here.
final class PyTorchState {
  private static final Pattern RECURRENT =
      Pattern.compile("(|.*\\.)((?:weight|bias)_[ih]h)_(l\\d+(?:_reverse)?)");

  private PyTorchState() {}

  /// @param network says which parameters are matrices of linear maps
  /// @param rename gives the name in a sequence
  /// @throws IllegalArgumentException if two tensors get one name
  static Map<String, Tensor> converted(
      Module network, Map<String, Tensor> state, UnaryOperator<String> rename) {
    Set<String> matrices = new HashSet<>();
    collect("", network, matrices);
    Map<String, Tensor> converted = new LinkedHashMap<>();
    state.forEach((theirs, t) -> {
      if (theirs.endsWith("num_batches_tracked")) {
        // A count of steps, of use where momentum falls with it.
        Tensor buffer = network.buffers().get(rename.apply(theirs));
        if (buffer != null) {
          converted.put(rename.apply(theirs), t.to(buffer.dtype()));
        }
        return;
      }
      Matcher m = RECURRENT.matcher(rename.apply(theirs));
      String ours = m.matches() ? m.group(1) + m.group(3) + "." + m.group(2) : rename.apply(theirs);
      boolean isTransposed = matrices.contains(ours) && t.rank() == 2;
      if (converted.put(ours, isTransposed ? t.t() : t) != null) {
        throw new IllegalArgumentException(
            "two tensors are called '%s', one of them '%s' in the file".formatted(ours, theirs));
      }
    });
    return converted;
  }

  private static void collect(String prefix, Module m, Set<String> to) {
    switch (m) {
      case Linear _ -> to.add(prefix + "weight");
      case MultiHeadAttention _ -> to.add(prefix + "in_proj_weight");
      case RecurrentCell _ -> {
        to.add(prefix + "weight_ih");
        to.add(prefix + "weight_hh");
      }
      default -> {} // no matrix of its own, or no linear map
    }
    m.children().forEach((name, child) -> collect(prefix + name + ".", child, to));
  }
}
