package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Prepared;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Shape;

/// A compiled function: a fixed list of calls on memory of its own.
///
/// A run first does all that changes nothing outside. Only then, in calls that cannot fail, it
/// writes what states become, so that whatever goes wrong before leaves them as they were. One
/// thread at a time; others wait.
public final class Program {
  /// After so many runs all workspaces of updates are there,
  private static final int WARM_RUNS = 100;

  /// or after so many numbers that they wrote: by then their loops are machine code.
  private static final long WARM_NUMBERS = 1L << 30;

  private static final Shape NOTHING = Shape.of(0);

  private final Graph traced;
  private final Schedule schedule;
  private final MemoryPlan plan;
  private final Backend backend;
  private final IdentityHashMap<Vertex, Buffer> buffers = new IdentityHashMap<>();
  private final IdentityHashMap<MemoryPlan.Slot, Buffer> memory = new IdentityHashMap<>();
  private final Buffer[] inputs;
  private final Drawing[] drawings;
  private final Buffer[] drawn;
  private final State[] states;
  private final Buffer[] held; // what each state holds, while it runs
  private final boolean[] isWritten;
  private final boolean[] isRead;
  private final Prepared compute;
  private final Prepared commit;
  private final Results results;
  private Buffer[] before = {}; // of written states, while updates can fail
  private int runs;
  private long numbers; // written by updates so far

  private Program(Graph traced, Eager eager) {
    this.traced = traced;
    this.backend = eager.backend();
    Graph g = Simplify.of(traced, eager);
    this.schedule = Fuse.of(g);
    this.plan = MemoryPlan.of(schedule);
    this.states = g.states().toArray(State[]::new);
    this.held = new Buffer[states.length];
    this.isWritten = new boolean[held.length];
    this.isRead = new boolean[held.length];
    g.assignments().forEach(a -> isWritten[a.state()] = true);
    for (Vertex v : g.vertices()) {
      if (v.origin() instanceof Origin.State(int k)) {
        isRead[k] = true;
      }
    }
    for (int k = 0; k < held.length; k++) {
      Value v = states[k].get();
      held[k] = Buffer.allocate(v.dtype(), v.shape());
    }
    inputs = g.inputs().stream().map(this::buffer).toArray(Buffer[]::new);
    drawings = g.drawings().toArray(Drawing[]::new);
    drawn = g.drawings().stream().map(d -> buffer(d.vertex())).toArray(Buffer[]::new);
    List<Call> calls = new ArrayList<>();
    schedule.compute().forEach(k -> calls.add(call(k)));
    results = results(g.outputs(), calls, eager.isCareful() ? 1 : Results.LARGE);
    List<Call> commits = commits(calls);
    compute = eager.isCareful() ? careful(calls) : backend.prepare(calls);
    commit = backend.prepare(commits);
    buffers.clear(); // what calls use may change from now on
  }

  /// Makes a traced function ready to run.
  public static Program of(Graph traced, Eager eager) {
    return new Program(traced, eager);
  }

  // ---- From kernels to calls

  private Call call(Kernel k) {
    return switch (k) {
      case Kernel.Elementwise e -> elementwise(e);
      case Kernel.Product p -> {
        Vertex v = p.product();
        Op.MatMul f = (Op.MatMul) ((Origin.Applied) v.origin()).op();
        yield new Call.Product(
            buffer(v.in().get(0)),
            f.transA(),
            buffer(v.in().get(1)),
            f.transB(),
            buffer(v),
            p.then().map(this::elementwise));
      }
      case Kernel.Summed s -> summed(s);
      case Kernel.Single(Vertex v) -> single(v);
    };
  }

  private Call.Elementwise elementwise(Kernel.Elementwise e) {
    return new Call.Elementwise(e.program(), buffers(e.reads()), buffers(e.results()));
  }

  private Call summed(Kernel.Summed s) {
    Kernel.Elementwise e = s.chain();
    List<Call.Total> totals = new ArrayList<>();
    for (Vertex v : s.sums()) {
      Vertex x = v.in().getFirst();
      int result = e.results().indexOf(schedule.placement(x).base());
      totals.add(new Call.Total(result, x.shape(), buffer(v)));
    }
    Shape shape = e.results().getFirst().shape();
    List<Buffer> written = buffers(e.results().subList(0, s.written()));
    return new Call.Summed(e.program(), shape, buffers(e.reads()), written, totals);
  }

  private Call single(Vertex v) {
    List<Buffer> in = buffers(v.in());
    return switch (v.origin()) {
      case Origin.Applied(Op op) when isReshape(op, v) -> {
        Buffer to = buffer(v); // seen in the operand's shape: the copy keeps the order
        yield new Call.Copy(in.getFirst(), to.view(Layout.of(in.getFirst().shape())));
      }
      case Origin.Applied(Op op) -> new Call.Primitive(op, in, buffer(v));
      default -> new Call.LogitsGrad(in.get(0), in.get(1), in.get(2), buffer(v));
    };
  }

  private static boolean isReshape(Op op, Vertex v) {
    return org.cotangent.autograd.backend.Viewing.isReshape(
        op, v.in().getFirst().shape(), v.shape());
  }

  private List<Call> commits(List<Call> before) {
    List<Call> calls = new ArrayList<>();
    for (Schedule.Update u : schedule.updates()) {
      List<Buffer> out = u.states().stream().map(k -> held[k]).toList();
      calls.add(new Call.Elementwise(u.kernel().program(), buffers(u.kernel().reads()), out));
    }
    for (Graph.Assignment a : schedule.copies()) {
      calls.add(new Call.Copy(kept(a.value(), before), held[a.state()]));
    }
    return calls;
  }

  private Results results(List<Vertex> all, List<Call> before, int large) {
    BitSet isOwn = new BitSet();
    for (int i = 0; i < all.size(); i++) {
      isOwn.set(
          i,
          switch (schedule.placement(all.get(i)).base().origin()) {
            case Origin.Applied _, Origin.LogitsGrad _, Origin.State _ -> true;
            case Origin.Known _, Origin.Constant _, Origin.Input _, Origin.Drawn _ -> false;
          });
    }
    return new Results(backend, all.stream().map(v -> kept(v, before)).toList(), isOwn, large);
  }

  /// Where the numbers of a value are until the next run: of what a state holds, a copy is made
  /// before it changes.
  private Buffer kept(Vertex v, List<Call> before) {
    Buffer b = buffer(v);
    if (!(schedule.placement(v).base().origin() instanceof Origin.State)) {
      return b;
    }
    Buffer copy = Buffer.allocate(b.dtype(), b.shape());
    before.add(new Call.Copy(b, copy));
    return copy;
  }

  private List<Buffer> buffers(List<Vertex> all) {
    return all.stream().map(this::buffer).toList();
  }

  /// The memory of a value, seen as it is.
  private Buffer buffer(Vertex v) {
    Placement p = schedule.placement(v);
    Buffer base = buffers.get(p.base());
    if (base == null) {
      base = baseBuffer(p.base());
      buffers.put(p.base(), base);
    }
    return p.isWhole() && p.layout().shape().equals(base.shape()) ? base : base.view(p.layout());
  }

  private Buffer baseBuffer(Vertex v) {
    return switch (v.origin()) {
      case Origin.Known(double d) -> Buffer.full(v.dtype(), v.shape(), d);
      case Origin.Constant(Buffer numbers) -> numbers;
      case Origin.State(int k) -> held[k];
      case Origin.Input _, Origin.Drawn _ -> Buffer.allocate(v.dtype(), v.shape());
      case Origin.Applied _, Origin.LogitsGrad _ -> {
        MemoryPlan.Slot slot =
            plan.slot(v).orElseThrow(() -> new AssertionError("no slot: " + Graph.name(v)));
        Buffer array = memory.get(slot);
        if (array == null) {
          array = Buffer.allocate(slot.dtype(), Shape.of(slot.size()));
          memory.put(slot, array);
        }
        yield array.view(Layout.of(v.shape()));
      }
    };
  }

  /// The calls one by one, after each of which all memory is overwritten that the plan says is
  /// free.
  private Prepared careful(List<Call> calls) {
    memory.values().forEach(Buffer::poison);
    List<Prepared> each = calls.stream().map(c -> backend.prepare(List.of(c))).toList();
    return new Prepared() {
      @Override
      public void run() {
        IdentityHashMap<MemoryPlan.Slot, Vertex> occupant = new IdentityHashMap<>();
        for (int k = 0; k < each.size(); k++) {
          each.get(k).run();
          if (k < schedule.compute().size()) {
            schedule
                .compute()
                .get(k)
                .writes()
                .forEach(v -> plan.slot(v).ifPresent(s -> occupant.put(s, v)));
            for (Vertex v : plan.endingAt(k)) {
              plan.slot(v).filter(s -> occupant.remove(s, v)).ifPresent(s -> poison(s));
            }
          }
        }
      }

      @Override
      public void rebind(Buffer old, Buffer now) {
        each.forEach(p -> p.rebind(old, now));
      }
    };
  }

  private void poison(MemoryPlan.Slot s) {
    Buffer b = memory.get(s);
    if (b != null) {
      b.poison();
    }
  }

  // ---- Running

  /// Runs the function; the operands have the shapes and dtypes that it was traced with.
  public synchronized void run(Value... in) {
    results.renew(this::exchange);
    for (int i = 0; i < in.length; i++) {
      copy(Eager.numbers(in[i]), inputs[i]);
    }
    for (int i = 0; i < drawings.length; i++) {
      drawings[i].fill().accept(drawn[i]);
    }
    for (int k = 0; k < held.length; k++) {
      load(k);
    }
    compute.run();
    commitAll();
  }

  private void copy(Buffer from, Buffer to) {
    if (!to.takeWhole(from)) {
      backend.copy(from, to);
    }
  }

  /// Makes sure that `held[k]` holds the numbers of the state, in memory that nobody else can see
  /// if this run writes to it. Somebody may have taken it when the state had it, also if the state
  /// has been given other numbers since.
  @SuppressWarnings("ReferenceEquality") // that buffer, not one with equal numbers
  private void load(int k) {
    Value now = states[k].get();
    boolean isHeld = now == held[k];
    boolean copies = !isHeld && isRead[k];
    if ((isWritten[k] || copies) && !held[k].isOwned()) {
      Buffer own = Buffer.allocate(now.dtype(), now.shape());
      if (isHeld) {
        copy(held[k], own);
      }
      rebind(k, own);
    }
    if (copies) {
      copy(Eager.numbers(now), held[k]);
    }
  }

  private void rebind(int k, Buffer own) {
    exchange(held[k], own);
    held[k] = own;
  }

  private void exchange(Buffer old, Buffer now) {
    compute.rebind(old, now);
    commit.rebind(old, now);
    memory.replaceAll((_, b) -> b.sharesArray(old) ? now : b);
  }

  private void commitAll() {
    boolean isWarm = runs >= WARM_RUNS || numbers >= WARM_NUMBERS;
    if (!isWarm || commit.mayAllocate()) {
      commitCarefully();
      runs++;
    } else {
      before = new Buffer[0];
      commit.run();
    }
    for (int k = 0; k < held.length; k++) {
      if (isWritten[k]) {
        states[k].set(held[k]);
      }
    }
  }

  /// While workspaces are still being made, updates can fail: then what was written is taken back.
  private void commitCarefully() {
    if (before.length == 0) {
      Buffer[] all = new Buffer[held.length];
      Arrays.setAll(
          all, k -> Buffer.allocate(held[k].dtype(), isWritten[k] ? held[k].shape() : NOTHING));
      before = all;
    }
    for (int k = 0; k < held.length; k++) {
      if (isWritten[k]) {
        copy(held[k], before[k]);
        numbers += held[k].shape().size();
      }
    }
    try {
      commit.run();
    } catch (Throwable e) {
      for (int k = 0; k < held.length; k++) {
        if (isWritten[k]) {
          copy(before[k], held[k]); // both whole: needs no memory
        }
      }
      throw e;
    }
  }

  /// The results of the last run, which nobody writes to any more.
  public synchronized List<Value> results() {
    return results.take();
  }

  /// The number that result `i` of the last run is, or its first element.
  public synchronized double number(int i) {
    Buffer b = results.get(i);
    return b.getDouble(b.layout().at(0));
  }

  /// What every pass made of the function.
  public String explain() {
    return "traced\n%s\nsimplified\n%s\nfused\n%s\nmemory: %s\n"
        .formatted(traced, schedule.graph(), schedule, plan);
  }
}
