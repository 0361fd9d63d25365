package org.cotangent.autograd.backend;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/// Calls made one after the other through the methods of any backend.
final class PlainlyPrepared implements Prepared {
  private final Backend backend;
  private List<Call> calls;

  PlainlyPrepared(Backend backend, List<Call> calls) {
    this.backend = backend;
    this.calls = List.copyOf(calls);
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
    calls = calls.stream().map(c -> moved(c, old, now, moved)).toList();
  }

  private static Call moved(
      Call call, Buffer old, Buffer now, IdentityHashMap<Buffer, Buffer> moved) {
    return switch (call) {
      case Call.Elementwise e -> moved(e, old, now, moved);
      case Call.Product p ->
          new Call.Product(
              moved(p.a(), old, now, moved),
              p.transA(),
              moved(p.b(), old, now, moved),
              p.transB(),
              moved(p.product(), old, now, moved),
              p.then().map(e -> moved(e, old, now, moved)));
      case Call.LogitsGrad g ->
          new Call.LogitsGrad(
              moved(g.logits(), old, now, moved),
              moved(g.target(), old, now, moved),
              moved(g.g(), old, now, moved),
              moved(g.result(), old, now, moved));
      case Call.Copy c ->
          new Call.Copy(moved(c.from(), old, now, moved), moved(c.to(), old, now, moved));
      case Call.Primitive p ->
          new Call.Primitive(
              p.op(), moved(p.in(), old, now, moved), moved(p.result(), old, now, moved));
    };
  }

  private static Call.Elementwise moved(
      Call.Elementwise e, Buffer old, Buffer now, IdentityHashMap<Buffer, Buffer> moved) {
    return new Call.Elementwise(
        e.program(), moved(e.in(), old, now, moved), moved(e.out(), old, now, moved));
  }

  private static List<Buffer> moved(
      List<Buffer> buffers, Buffer old, Buffer now, IdentityHashMap<Buffer, Buffer> moved) {
    List<Buffer> all = new ArrayList<>();
    buffers.forEach(b -> all.add(moved(b, old, now, moved)));
    return all;
  }

  private static Buffer moved(
      Buffer b, Buffer old, Buffer now, IdentityHashMap<Buffer, Buffer> moved) {
    return b.sharesArray(old) ? moved.computeIfAbsent(b, x -> now.view(x.layout())) : b;
  }
}
