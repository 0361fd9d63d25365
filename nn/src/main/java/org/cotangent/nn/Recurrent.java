package org.cotangent.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// A recurrent network over sequences `[n, time, in]`, which gives `[n, time, hidden]`, or twice as
/// wide in both directions.
///
/// The batch comes first, as everywhere here; PyTorch calls that `batch_first=True`. The cells are
/// modules inside, `l0`, `l0_reverse`, `l1` and so on.
public abstract sealed class Recurrent extends Module permits RNN, LSTM, GRU {
  /// What a sequence gives.
  ///
  /// @param output the last layer's outputs at all times, `[n, time, directions · hidden]`
  /// @param state after the last step, `[layers · directions, n, hidden]` each: h, and c of an
  ///   [LSTM]; the cells in the order l0, l0_reverse, l1, ..
  public record Result(Tensor output, List<Tensor> state) {}

  @FunctionalInterface
  interface Cells {
    RecurrentCell make(int in, int hidden, boolean bias, Rng rng, DType dtype);
  }

  private final List<RecurrentCell> cells = new ArrayList<>();
  private final int directions;
  private final Dropout dropout;

  Recurrent(int in, int hidden, Rng rng, RecurrentOptions options, Cells make) {
    directions = options.bidirectional() ? 2 : 1;
    for (int layer = 0; layer < options.layers(); layer++) {
      int width = layer == 0 ? in : hidden * directions;
      for (int d = 0; d < directions; d++) {
        RecurrentCell cell = make.make(width, hidden, options.bias(), rng, options.dtype());
        cells.add(child("l" + layer + (d == 0 ? "" : "_reverse"), cell));
      }
    }
    dropout = child("dropout", new Dropout(options.dropout(), rng));
  }

  /// The cells in the order l0, l0_reverse, l1, ..
  public final List<RecurrentCell> cells() {
    return Collections.unmodifiableList(cells);
  }

  /// The outputs at all times, from a state of zeros.
  ///
  /// @throws IllegalArgumentException if `x` is not `[n, time, in]`
  @Override
  public final Tensor forward(Tensor x) {
    return run(x).output();
  }

  /// Outputs and last state, from a state of zeros.
  ///
  /// @throws IllegalArgumentException if `x` is not `[n, time, in]`
  public final Result run(Tensor x) {
    requireSequence(x);
    Tensor first = cells.getFirst().start(x.dim(0)).getFirst().unsqueeze(0);
    int[] dims = first.shape().dims();
    Tensor zeros = first.expand(cells.size(), dims[1], dims[2]);
    return run(x, Collections.nCopies(cells.getFirst().states(), zeros));
  }

  /// Outputs and last state, from a state that [#run(Tensor)] gave.
  ///
  /// @throws IllegalArgumentException if `x` is not `[n, time, in]` or the state does not fit
  public final Result run(Tensor x, List<Tensor> state) {
    requireSequence(x);
    int states = cells.getFirst().states();
    if (state.size() != states || state.stream().anyMatch(s -> s.dim(0) != cells.size())) {
      throw new IllegalArgumentException(
          "%s: the state is %s, but must be %d of [%d, n, hidden]"
              .formatted(
                  getClass().getSimpleName(),
                  state.stream().map(Tensor::shape).toList(),
                  states,
                  cells.size()));
    }
    List<List<Tensor>> last = new ArrayList<>();
    Tensor y = x;
    for (int layer = 0; layer < cells.size() / directions; layer++) {
      Tensor in = layer == 0 ? y : dropout.forward(y);
      Tensor[] outputs = new Tensor[directions];
      for (int d = 0; d < directions; d++) {
        int k = layer * directions + d;
        outputs[d] =
            run(cells.get(k), in, state.stream().map(s -> s.select(0, k)).toList(), d == 1, last);
      }
      y = Tensor.concat(-1, outputs);
    }
    List<Tensor> stacked = new ArrayList<>();
    for (int s = 0; s < states; s++) {
      int which = s;
      stacked.add(Tensor.stack(0, last.stream().map(l -> l.get(which)).toArray(Tensor[]::new)));
    }
    return new Result(y, List.copyOf(stacked));
  }

  /// Runs one cell along a sequence, adds its last state to `last`, and gives its outputs.
  private static Tensor run(
      RecurrentCell cell,
      Tensor x,
      List<Tensor> start,
      boolean backwards,
      List<List<Tensor>> last) {
    List<Tensor> inputs = new ArrayList<>();
    addSteps(cell.project(x), inputs);
    Tensor[] outputs = new Tensor[inputs.size()];
    List<Tensor> state = start;
    for (int i = 0; i < outputs.length; i++) {
      int t = backwards ? outputs.length - 1 - i : i;
      state = cell.next(inputs.get(t), state);
      outputs[t] = state.getFirst();
    }
    last.add(state);
    return Tensor.stack(1, outputs);
  }

  /// The steps of `[n, time, ..]`, by halving: the gradient of a slice is as large as what it was
  /// cut from, so that cutting all from the whole would cost the square of the length.
  private static void addSteps(Tensor x, List<Tensor> to) {
    int n = x.dim(1);
    if (n == 1) {
      to.add(x.squeeze(1));
    } else {
      addSteps(x.slice(1, 0, n / 2), to);
      addSteps(x.slice(1, n / 2, n), to);
    }
  }

  private void requireSequence(Tensor x) {
    int in = cells.getFirst().weightIh.dim(0);
    if (x.rank() != 3 || x.dim(1) == 0 || x.dim(2) != in) {
      throw new IllegalArgumentException(
          "%s: the input %s must be [n, time, %d] with one step or more"
              .formatted(getClass().getSimpleName(), x.shape(), in));
    }
  }
}
