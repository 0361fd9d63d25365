package org.cotangent.autograd.backend;

import java.util.IdentityHashMap;
import java.util.List;

/// Calls made one after the other through the methods of any backend.
final class PlainlyPrepared implements Prepared {
  private final Backend backend;
  private List<Call> calls;

  PlainlyPrepared(Backend backend, List<Call> calls) {
    this.backend = backend;
    this.calls = Apart.of(calls, _ -> true);
  }

  @Override
  public void run() {
    for (Call c : calls) {
      run(backend, c);
    }
  }

  static void run(Backend backend, Call call) {
    switch (call) {
      case Call.Elementwise e ->
          backend.elementwise(
              e.program(), e.in().toArray(Buffer[]::new), e.out().toArray(Buffer[]::new));
      case Call.Product p when p.then().isEmpty() ->
          backend.matmul(p.a(), p.transA(), p.b(), p.transB(), p.product());
      case Call.Product p -> {
        Call.Elementwise then = p.then().orElseThrow();
        backend.matmulThen(
            p.a(),
            p.transA(),
            p.b(),
            p.transB(),
            p.product(),
            then.program(),
            then.in().toArray(Buffer[]::new),
            then.out().toArray(Buffer[]::new));
      }
      case Call.Summed s -> throw new AssertionError(s + " was to be taken apart");
      case Call.LogitsGrad g ->
          backend.softmaxCrossEntropyGrad(g.logits(), g.target(), g.g(), g.result());
      case Call.Copy c -> backend.copy(c.from(), c.to());
      case Call.Primitive p -> {
        p.result().clear();
        Primitives.compute(backend, p.op(), p.in().toArray(Buffer[]::new), p.result());
      }
    }
  }

  @Override
  public void rebind(Buffer old, Buffer now) {
    IdentityHashMap<Buffer, Buffer> moved = new IdentityHashMap<>(); // one buffer stays one buffer
    calls =
        calls.stream()
            .map(c ->
                c.on(b ->
                    b.sharesArray(old) ? moved.computeIfAbsent(b, x -> now.view(x.layout())) : b))
            .toList();
  }
}
