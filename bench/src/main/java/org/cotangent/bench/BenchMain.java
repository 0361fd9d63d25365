package org.cotangent.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import org.cotangent.autograd.Rng;

/// Measures one work and prints one line, in the form of the peers' harness:
///
/// ```text
/// peer=cotangent workload=W3 threads=1 variant=eager steps_per_s=... best=... worst=... ...
/// ```
///
/// `bench/run` starts it with the number of threads as the engine's property, `cotangent.threads`,
/// and the time of the launch in the environment's `T0MS`.
public final class BenchMain {
  private static final int MEMORY_STEPS = 2000;
  private static final String USAGE =
      "usage: bench/run W1|W2|W3|W4|W5|W6|W7|W8|W9|G1|G2|G:M,K,N[,f64][,ta][,tb]|START|VERSION"
          + " [THREADS [eager|compiled]]";

  /// A measurement that cannot be made, and why.
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  private BenchMain() {}

  /// Takes the workload, the number of threads and the variant.
  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ROOT); // the lines are for machines
    try {
      System.out.println(line(args));
    } catch (Refused e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
    }
  }

  private static String line(String[] args) throws IOException {
    if (args.length < 1 || args.length > 3) {
      throw new Refused(USAGE);
    }
    String workload = args[0];
    String threads = args.length > 1 ? args[1] : "1";
    String variant = args.length > 2 ? args[2] : "eager";
    if (!threads.equals(System.getProperty("cotangent.threads", "1"))) {
      throw new Refused("start java with -Dcotangent.threads=" + threads + ", as bench/run does");
    }
    if (!variant.equals("eager") && !variant.equals("compiled")) {
      throw new Refused("no variant %s; there are eager and compiled".formatted(variant));
    }
    boolean compile = variant.equals("compiled");
    String tag =
        "peer=cotangent workload=%s threads=%s variant=%s ".formatted(workload, threads, variant);
    return switch (workload) {
      case "VERSION" -> version();
      case "START" -> tag + Start.milliseconds(launched());
      case "W9" -> tag + memory();
      default -> tag + measured(work(workload, compile));
    };
  }

  /// The work of a name, its data and network from a fixed seed.
  static Work work(String name, boolean compile) {
    Rng rng = Rng.of(0);
    if (name.startsWith("G:")) {
      return product(rng, name.substring(2));
    }
    return switch (name) {
      case "W1" -> Training.w1(rng, compile);
      case "W2" -> Training.w2(rng, compile);
      case "W3" -> Training.w3(rng, compile);
      case "W4" -> Training.w4(rng, compile);
      case "W5" -> Training.w5(rng, compile);
      case "W6" -> Training.w6(rng, compile);
      case "W7" -> new Chain(rng, compile);
      case "W8" -> new Elementwise(rng, compile);
      case "G1" -> product(rng, "1024,1024,1024");
      case "G2" -> product(rng, "128,784,512");
      default -> throw new Refused("no workload %s; %s".formatted(name, USAGE));
    };
  }

  private static Work product(Rng rng, String sizes) {
    try {
      return Matmul.parse(rng, sizes);
    } catch (IllegalArgumentException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  private static String measured(Work work) {
    Measure.Rates rates = Measure.fromEnvironment().of(work);
    String perOperation =
        work.operations() == 1
            ? ""
            : " ns_per_op=%.0f".formatted(1e9 / rates.median() / work.operations());
    return rates + perOperation + work.facts(rates.median());
  }

  private static String memory() throws IOException {
    Work work = Training.w4(Rng.of(0), false);
    for (int n = 0; n < MEMORY_STEPS; n++) {
      work.step(n);
    }
    return "steps=%d %s".formatted(MEMORY_STEPS, Memory.resident());
  }

  private static long launched() {
    String t0 = System.getenv("T0MS");
    if (t0 == null) {
      throw new Refused("START needs the time of the launch in T0MS, as bench/run sets it");
    }
    return Long.parseLong(t0);
  }

  /// What `bench/compare` notes about the run.
  private static String version() {
    String own =
        Optional.ofNullable(BenchMain.class.getPackage().getImplementationVersion())
            .orElse("unknown");
    return "cotangent=%s java=%s flags=%s"
        .formatted(
            own,
            System.getProperty("java.vm.version"),
            String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
  }
}
